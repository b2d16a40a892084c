/** Rule checks as lines: word and glyph, the value, the limit, and the sentence when it failed. */
import type { ReactNode } from "react";
import type { RuleCheck } from "@/client/contract";
import { formatPlain } from "./format";

export function Checks({ checks }: { checks: RuleCheck[] }): ReactNode {
  if (checks.length === 0) return <p className="text-compact text-fg2">No rule applies.</p>;
  return (
    <ul className="flex flex-col gap-1 text-compact">
      {checks.map((check) => (
        <li key={`${check.rule}-${check.message}`}>
          <span className="flex gap-2">
            <span className={check.ok ? "text-up" : "font-semibold text-down"}>
              {check.ok ? "✓ ok" : "✕ fails"}
            </span>
            <span className="flex-1">{check.rule.replaceAll("_", " ")}</span>
            <span className="text-fg2">
              {formatPlain(check.value)} of {formatPlain(check.limit)} {check.unit ?? ""}
            </span>
          </span>
          {check.ok ? null : <span className="block text-fg">{check.message}</span>}
        </li>
      ))}
    </ul>
  );
}
