"use client";
import { type ReactNode, useState } from "react";
import type { Approval } from "@/client/contract";
import { useAnswerApproval } from "@/client/queries";
import { Button } from "@/features/ui/controls";
import { Confirm } from "@/features/ui/dialog";
import { Banner } from "@/features/ui/panel";
import { useNow } from "@/features/ui/use-now";
import { useRowKeys } from "@/features/ui/use-row-keys";
import { useSnooze } from "../hooks/use-snooze";
import { firstSentence, orderLine, worth } from "../lib/words";
import { ChangeBox } from "./change-box";

const AFTER: Record<Exclude<Approval["state"], "waiting">, string> = {
  approved: "Approved. The gate took the orders; how they stand is written above.",
  refused: "Refused; no order was sent. Ask for a new one in Chat.",
  expired: "Expired; no order was sent. Ask for a new one in Chat.",
  failed: "Approved, but the gate then refused an order. Ask for a new one in Chat.",
};

/** Approve, change, refuse, not now; or the sentence why this person may not, or that it is too late. */
export function AnswerButtons({ approval }: { approval: Approval }): ReactNode {
  const now = useNow();
  const answer = useAnswerApproval(approval.id);
  const [open, setOpen] = useState<"approve" | "refuse" | "change" | null>(null);
  const snoozed = useSnooze((state) => (state.until[approval.id] ?? 0) > now);
  const snooze = useSnooze((state) => state.snooze);
  const wake = useSnooze((state) => state.wake);
  const expired = new Date(approval.expires_at).getTime() <= now;
  const may = approval.state === "waiting" && approval.may_answer && !expired;
  useRowKeys(
    may
      ? {
          a: () => setOpen("approve"),
          c: () => setOpen("change"),
          x: () => setOpen("refuse"),
          z: () => snooze(approval.id),
        }
      : {},
  );
  const people = approval.needs.people;
  const who = people === 1 ? `one ${approval.needs.role}` : `${people} people`;
  const needs = `Needs ${who}${approval.needs.reason ? `: ${approval.needs.reason}` : ` (${approval.needs.role}).`}`;
  if (approval.state !== "waiting") {
    return <Banner tone="info">▣ {AFTER[approval.state]}</Banner>;
  }
  if (expired) {
    return <Banner tone="warn">◐ Expired; it cannot be approved any more. Ask for a new one in Chat.</Banner>;
  }
  if (!may) {
    return (
      <Banner tone="warn">
        ◐ You may not answer: {approval.may_not ?? "the server gives no reason."} {needs}
      </Banner>
    );
  }
  const close = () => {
    setOpen(null);
    answer.reset();
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button look="primary" onClick={() => setOpen("approve")}>
        Approve…
      </Button>
      <Button onClick={() => setOpen("change")}>Change…</Button>
      <Button onClick={() => setOpen("refuse")}>Refuse…</Button>
      {snoozed ? (
        <Button look="quiet" onClick={() => wake(approval.id)}>
          Back to the list
        </Button>
      ) : (
        <Button look="quiet" onClick={() => snooze(approval.id)}>
          Not now, 15 min
        </Button>
      )}
      <span className="text-compact text-fg2">
        {needs} {snoozed ? "Put aside on this screen; its deadline goes on." : ""}
      </span>
      {open === "change" ? <ChangeBox approval={approval} onDone={close} /> : null}
      <Confirm
        key={open ?? "closed"}
        open={open === "approve" || open === "refuse"}
        onOpenChange={close}
        title={open === "refuse" ? "Refuse this proposal?" : `Approve ${orderLine(approval)}?`}
        consequence={
          open === "refuse"
            ? "It ends here for everybody, with your reason in the audit log. No order is sent."
            : `The gate checks again, then sends ${approval.orders.length === 1 ? "exactly one order" : `${approval.orders.length} orders`} for ${approval.account}, ${worth(approval)}. This cannot be taken back.${approval.warning ? ` ${firstSentence(approval.warning)}` : ""}`
        }
        verb={open === "refuse" ? "Refuse" : "Approve"}
        look={open === "refuse" ? "danger" : "primary"}
        reason={open === "refuse" ? "required" : "optional"}
        pending={answer.isPending}
        error={answer.error}
        onConfirm={(reason) =>
          (open === "approve" || open === "refuse") &&
          answer.mutate({ decision: open, ...(reason ? { reason } : {}) }, { onSuccess: close })
        }
      />
    </div>
  );
}
