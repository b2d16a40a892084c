"use client";
import { type ReactNode, useState } from "react";
import type { AlertAct, AlertDetail } from "@/client/contract-desk";
import { useActOnAlert, useOfficers } from "@/client/queries-fraud";
import { usePerson } from "@/features/shell/components/person";
import { Button, Field, INPUT } from "@/features/ui/controls";
import { Confirm } from "@/features/ui/dialog";
import { Banner, Trouble } from "@/features/ui/panel";

type Action = AlertAct["action"];
type Verdict = NonNullable<AlertAct["verdict"]>;

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
  take: {
    title: "Take this case over?",
    verb: "Take over",
    consequence: "Another officer has it. It becomes yours; they see it in the history.",
  },
  hand: {
    title: "Hand this case over?",
    verb: "Hand over",
    consequence: "It leaves your list and becomes the other officer's.",
  },
};

export function CaseActions({ alert }: { alert: AlertDetail }): ReactNode {
  const person = usePerson();
  const act = useActOnAlert(alert.id);
  const [open, setOpen] = useState<Action | null>(null);
  const [to, setTo] = useState("");
  const [verdict, setVerdict] = useState<Verdict>("");
  const others = (useOfficers(open === "hand").data ?? []).filter((each) => each.name !== person.name);
  const receiver = to || others[0]?.name || "";
  const held = alert.assignee === person.name;
  const firstVote =
    alert.state === "closing" ? alert.history.findLast((each) => each.action === "close") : undefined;
  const mine = firstVote?.user === person.name;
  const may = person.role === "compliance";
  const close = () => {
    setOpen(null);
    setVerdict("");
    act.reset();
  };
  const words = open ? WORDS[open] : null;
  return (
    <div className="flex flex-col gap-2">
      {firstVote ? (
        <Banner tone="warn">
          ◐ 1 of 2: {firstVote.user} voted to close ({firstVote.reason ?? "no reason"}
          {firstVote.verdict ? `; verdict: ${firstVote.verdict}` : ""}).{" "}
          {mine ? "A second person must close it." : "Your vote would close it."}
        </Banner>
      ) : null}
      {may ? (
        <div className="flex flex-wrap items-center gap-2">
          <span className="text-compact text-fg2">
            {held ? "You have this case." : `With ${alert.assignee || "nobody"}.`}
          </span>
          {alert.state === "closed" ? null : held ? (
            <Button onClick={() => setOpen("hand")}>Hand over…</Button>
          ) : alert.assignee ? (
            <Button onClick={() => setOpen("take")}>Take over…</Button>
          ) : (
            <Button disabled={act.isPending} onClick={() => act.mutate({ action: "take" })}>
              Take
            </Button>
          )}
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
      {act.error && open === null ? <Trouble error={act.error} /> : null}
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
          onConfirm={(reason) =>
            act.mutate(
              {
                action: open,
                reason,
                to: open === "hand" ? receiver : "",
                verdict: open === "close" ? verdict : "",
              },
              { onSuccess: close },
            )
          }
        >
          {open === "close" && !firstVote ? (
            <Field label="Verdict">
              <select
                className={INPUT}
                value={verdict}
                onChange={(event) => setVerdict(event.target.value as Verdict)}
              >
                <option value="">None: it teaches the thresholds nothing</option>
                <option value="confirmed">Confirmed: the suspicion holds</option>
                <option value="cleared">Cleared: it was innocent</option>
              </select>
            </Field>
          ) : null}
          {open === "hand" ? (
            <Field label="To">
              <select className={INPUT} value={receiver} onChange={(event) => setTo(event.target.value)}>
                {others.map((each) => (
                  <option key={each.name} value={each.name}>
                    {each.display_name}
                  </option>
                ))}
              </select>
            </Field>
          ) : null}
        </Confirm>
      ) : null}
    </div>
  );
}
