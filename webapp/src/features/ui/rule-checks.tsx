/** Rule checks as lines: word and glyph, the value, the limit, and the sentence when it failed. */
import type { ReactNode } from "react";
import type { RuleCheck } from "@/client/contract";
import { formatPlain } from "./format";

const NUMERIC = /^-?\d+(\.\d+)?$/;

export function Checks({ checks }: { checks: RuleCheck[] }): ReactNode {
  if (checks.length === 0) return <p className="text-compact text-fg2">No rule applies.</p>;
  const plain = checks.filter((check) => check.ok && !NUMERIC.test(check.limit));
  const shown = checks.filter((check) => !plain.includes(check));
  const names = [...new Set(plain.map((check) => check.rule.replaceAll("_", " ")))];
  return (
    <ul className="flex flex-col gap-1 text-compact">
      {shown.map((check, at) => (
        <li key={`${check.rule}-${at.toString()}`}>
          <span className="flex gap-2">
            <span className={check.ok ? "text-up" : "font-semibold text-down"}>
              {check.ok ? "✓ ok" : "✕ fails"}
            </span>
            <span className="flex-1">{check.rule.replaceAll("_", " ")}</span>
            <span className="text-fg2">
              {formatPlain(check.value)}, limit {formatPlain(check.limit)} {check.unit}
            </span>
          </span>
          {check.ok ? null : <span className="block text-fg">{check.message}</span>}
        </li>
      ))}
      {names.length > 0 ? (
        <li className="flex gap-2">
          <span className="whitespace-nowrap text-up">✓ ok</span>
          <span>{names.join(", ")}</span>
        </li>
      ) : null}
    </ul>
  );
}
