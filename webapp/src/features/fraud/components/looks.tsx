"use client";
import type { ReactNode } from "react";
import { useLookNow, useLooks } from "@/client/queries-fraud";
import { usePerson } from "@/features/shell/components/person";
import { Button } from "@/features/ui/controls";
import { formatNumber, formatTime } from "@/features/ui/format";
import { Trouble } from "@/features/ui/panel";
import { lookText, rhythmText } from "../lib/looks";

/** What the desk looked over by itself, and when; an officer may have it look now. */
export function LooksLine(): ReactNode {
  const query = useLooks();
  const look = useLookNow();
  const person = usePerson();
  if (!query.data) return null;
  const { every_s, last } = query.data;
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line p-2 text-compact text-fg2">
      <span>Bars, news and insiders’ forms, {rhythmText(every_s)}:</span>
      <span>{last ? `${formatTime(last.at)}, ${lookText(last, (n) => formatNumber(n, 0))}` : "not yet"}</span>
      {person.role === "compliance" ? (
        <Button look="quiet" disabled={look.isPending} onClick={() => look.mutate()}>
          {look.isPending ? "Looking…" : "Look now"}
        </Button>
      ) : null}
      {look.error ? <Trouble error={look.error} /> : null}
    </div>
  );
}
