"use client";
import { type ReactNode, useState } from "react";
import type { AlertDetail } from "@/client/contract-desk";
import { useActOnAlert } from "@/client/queries-desk";
import { usePerson } from "@/features/shell/components/person";
import { Button } from "@/features/ui/controls";
import { Confirm } from "@/features/ui/dialog";
import { Banner } from "@/features/ui/panel";

type Action = "escalate" | "close" | "reopen";

const WORDS: Record<Action, { title: string; verb: string; consequence: string }> = {
  escalate: {
    title: "Escalate this case?",
    verb: "Escalate",
    consequence: "It is marked for a report to the authority and stays open.",
  },
  close: {
    title: "Close this case?",
    verb: "Vote to close",
    consequence:
      "Closing takes two people. Yours is one of the two votes; a second officer must give the other.",
  },
  reopen: {
    title: "Reopen this case?",
    verb: "Reopen",
    consequence: "It returns to the list of open cases; earlier votes to close no longer count.",
  },
};

export function CaseActions({ alert }: { alert: AlertDetail }): ReactNode {
  const person = usePerson();
  const act = useActOnAlert(alert.id);
  const [open, setOpen] = useState<Action | null>(null);
  const firstVote =
    alert.state === "closing" ? alert.history.findLast((each) => each.action === "close") : undefined;
  const mine = firstVote?.user === person.name;
  const may = person.role === "compliance";
  const close = () => {
    setOpen(null);
    act.reset();
  };
  const words = open ? WORDS[open] : null;
  return (
    <div className="flex flex-col gap-2">
      {firstVote ? (
        <Banner tone="warn">
          ◐ 1 of 2: {firstVote.user} voted to close ({firstVote.reason ?? "no reason"}).{" "}
          {mine ? "A second person must close it." : "Your vote would close it."}
        </Banner>
      ) : null}
      {may ? (
        <div className="flex flex-wrap gap-2">
          {alert.state === "open" ? <Button onClick={() => setOpen("escalate")}>Escalate…</Button> : null}
          {alert.state === "closed" ? null : (
            <Button disabled={mine} onClick={() => setOpen("close")}>
              {firstVote ? "Close as second person…" : "Close…"}
            </Button>
          )}
          {alert.state === "closed" || alert.state === "closing" ? (
            <Button onClick={() => setOpen("reopen")}>Reopen…</Button>
          ) : null}
        </div>
      ) : (
        <p className="text-compact text-fg2">Only compliance officers act on cases; you may read.</p>
      )}
      {words && open ? (
        <Confirm
          key={open}
          open
          onOpenChange={close}
          {...words}
          look={open === "close" ? "danger" : "primary"}
          reason="required"
          pending={act.isPending}
          error={act.error}
          onConfirm={(reason) => act.mutate({ action: open, reason }, { onSuccess: close })}
        />
      ) : null}
    </div>
  );
}
