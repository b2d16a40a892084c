import type { ReactNode } from "react";
import type { AnswerCard } from "@/client/contract";

const KINDS: Record<string, string> = {
  alert: "Alert",
  allocation: "Allocation",
  comparison: "Comparison",
  headlines: "Headlines",
  plan: "Plan",
};

export function CardFrame({ card, children }: { card: AnswerCard; children: ReactNode }): ReactNode {
  const kind = KINDS[card.kind] ?? card.kind;
  return (
    <section
      aria-label={`${kind}: ${card.title}`}
      className="flex min-w-0 flex-col gap-2 rounded-card border border-line bg-s2 p-3"
    >
      <h3 className="text-compact font-semibold">{card.title}</h3>
      {children}
    </section>
  );
}

/** The same numbers as a table, folded: for those who do not see the picture, or want the digits. */
export function AsTable({ children }: { children: ReactNode }): ReactNode {
  return (
    <details className="text-compact">
      <summary className="cursor-pointer text-fg2">As a table</summary>
      {children}
    </details>
  );
}
