import type { ReactNode } from "react";
import type { Fact } from "@/client/contract";
import { amount, formatPlain, formatTime, NONE } from "@/features/ui/format";

function factValue(fact: Fact): string {
  const unit = fact.currency ?? fact.unit ?? "";
  const whole = Math.abs(Number(fact.value)) >= 1e6 && Number.isInteger(Number(fact.value));
  return `${whole ? formatPlain(fact.value) : amount(fact.value, fact.currency)} ${unit}`.trim();
}

function asOf(text: string | null): string {
  if (!text) return NONE;
  return text.includes("T") ? formatTime(text) : text;
}

function cardId(fact: string): string {
  return `fact-card-${fact}`;
}

function Inputs({ of, known }: { of: Fact; known: Map<string, Fact> }): ReactNode {
  if (!of.inputs?.length) return null;
  return (
    <p className="break-words text-fg3">
      computed from{" "}
      {of.inputs.map((id, at) => {
        const input = known.get(id);
        return (
          <span key={id}>
            {at > 0 ? ", " : ""}
            {input ? (
              <a className="underline" href={`#${cardId(id)}`}>
                {input.label}
              </a>
            ) : (
              id
            )}
          </span>
        );
      })}
    </p>
  );
}

export function FactList({ facts }: { facts: Fact[] }): ReactNode {
  const known = new Map(facts.map((fact) => [fact.id, fact]));
  return (
    <ul className="flex flex-col gap-2 pt-2">
      {facts.map((fact) => (
        <li
          id={cardId(fact.id)}
          key={fact.id}
          className="rounded-ctl border border-line bg-s2 p-2 text-compact"
        >
          <p className="flex justify-between gap-4">
            <span className="text-fg2">{fact.label}</span>
            <b className="text-right font-semibold">{factValue(fact)}</b>
          </p>
          <p className="break-words text-fg3">
            as of {asOf(fact.as_of)} · {fact.source ?? "unsupported"}
            {fact.locator ? ` · ${fact.locator}` : ""}
          </p>
          <Inputs of={fact} known={known} />
        </li>
      ))}
    </ul>
  );
}
