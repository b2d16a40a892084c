"use client";
import type { ReactNode } from "react";
import type { Opinion } from "@/client/contract-desk";
import { useAskTriage, useTriage } from "@/client/queries-fraud";
import { usePerson } from "@/features/shell/components/person";
import { Button } from "@/features/ui/controls";
import { formatNumber, formatTime } from "@/features/ui/format";
import { Trouble } from "@/features/ui/panel";

const AT_ONCE = 5;

export const WORDS: Record<Opinion["word"], string> = {
  escalate: "Escalate",
  keep: "Keep",
  likely_innocent: "Likely innocent",
};

/** What a model was asked of borderline cases; without one only that there is none. */
export function TriageLine(): ReactNode {
  const query = useTriage();
  const ask = useAskTriage();
  const person = usePerson();
  if (!query.data) return null;
  const { connected, note, waiting, opinions } = query.data;
  const failed = ask.data?.unanswered ?? [];
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line p-2 text-compact text-fg2">
      <span>Model’s opinions on borderline cases:</span>
      <span>{connected ? `${opinions.length}, ${waiting} without` : note}</span>
      {connected && waiting > 0 && person.role === "compliance" ? (
        <Button look="quiet" disabled={ask.isPending} onClick={() => ask.mutate(AT_ONCE)}>
          {ask.isPending ? "Asking…" : `Ask about the first ${Math.min(AT_ONCE, waiting)}`}
        </Button>
      ) : null}
      {failed.length > 0 ? (
        <span>
          No opinion on {failed.length}: {failed[0]?.why}
        </span>
      ) : null}
      {ask.error ? <Trouble error={ask.error} /> : null}
    </div>
  );
}

/** A model's opinion on one case, with the facts that each reason cites; nothing where there is none. */
export function CaseOpinion({ id }: { id: string }): ReactNode {
  const opinion = useTriage().data?.opinions.find((each) => each.alert === id);
  if (!opinion) return null;
  return (
    <section>
      <h3 className="mb-1 text-head font-semibold text-fg3">A model’s opinion, not a finding</h3>
      <p className="text-desk">
        {WORDS[opinion.word]}, says {opinion.model} on {formatTime(opinion.at)}, for{" "}
        {formatNumber(opinion.cost_usd, 4)} USD. It orders the queue and decides nothing.
      </p>
      <ul className="list-disc pl-5 text-desk">
        {opinion.reasons.map((reason) => (
          <li key={reason.text}>
            {reason.text}{" "}
            <span className="text-fg3">
              ({reason.facts.map((fact) => `${fact.label}: ${fact.text}`).join("; ")})
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
