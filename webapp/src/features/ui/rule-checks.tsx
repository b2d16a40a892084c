/** Rule checks: what fails stands first with value and limit; what passes is a line each, or one line for all. */
import type { ReactNode } from "react";
import type { RuleCheck } from "@/client/contract";
import { formatPlain } from "./format";

const NUMERIC = /^-?\d+(\.\d+)?$/;
const name = (check: RuleCheck) => check.rule.replaceAll("_", " ");

function Line({ check }: { check: RuleCheck }): ReactNode {
  const measured = NUMERIC.test(check.limit);
  return (
    <li>
      <span className="flex flex-wrap gap-x-2">
        <span className={`whitespace-nowrap ${check.ok ? "text-up" : "font-semibold text-down"}`}>
          {check.ok ? "✓ ok" : "✕ fails"}
        </span>
        <span className="flex-1 whitespace-nowrap">{name(check)}</span>
        {measured ? (
          <span className="text-fg2">
            {formatPlain(check.value)}, limit {formatPlain(check.limit)} {check.unit}
          </span>
        ) : null}
      </span>
      {check.ok || measured ? null : <span className="block text-fg">{check.message}</span>}
    </li>
  );
}

/** `brief`: the passing rules are counted and unfold, so that what follows the checks stays in view. */
export function Checks({ checks, brief = false }: { checks: RuleCheck[]; brief?: boolean }): ReactNode {
  if (checks.length === 0) return <p className="text-compact text-fg2">No rule applies.</p>;
  const folded = checks.filter((check) => check.ok && (brief || !NUMERIC.test(check.limit)));
  const shown = checks.filter((check) => !folded.includes(check)).sort((a, b) => Number(a.ok) - Number(b.ok));
  return (
    <ul className="flex flex-col gap-1 text-compact">
      {shown.map((check, at) => (
        <Line key={`${check.rule}-${at.toString()}`} check={check} />
      ))}
      {folded.length > 0 ? (
        <li className="flex gap-2">
          <span className="whitespace-nowrap text-up">✓ ok</span>
          <Passing names={[...new Set(folded.map(name))]} brief={brief} />
        </li>
      ) : null}
    </ul>
  );
}

function Passing({ names, brief }: { names: string[]; brief: boolean }): ReactNode {
  const all = names.join(", ");
  if (!brief || names.length < 4) return <span className="text-fg2">{all}</span>;
  return (
    <details className="text-fg2">
      <summary className="cursor-pointer">{names.length} rules pass</summary>
      {all}
    </details>
  );
}
