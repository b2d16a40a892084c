import type { Turns } from "@/client/queries-agents";
import { formatMs, formatNumber, NONE } from "@/features/ui/format";

/** Money of models: cents of a cent matter, so four significant digits below a dollar. */
export function usd(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  if (value === 0) return "0";
  if (value >= 1) return formatNumber(value, 2);
  return value.toLocaleString("en-US", { maximumSignificantDigits: 4 });
}

export const perTurn = (row: Turns): number | null => (row.turns ? row.cost_usd / row.turns : null);

/** `p50 / p95`, or a dash for none. */
export function spread({ p50, p95 }: Turns["total_ms"]): string {
  return p50 === null ? NONE : `${formatMs(p50)} / ${formatMs(p95)}`;
}

/** The share that fell back, and why most of them did. */
export function fallbacks(row: Turns): string {
  if (row.fallbacks === 0) return row.asked === null ? NONE : "0 %";
  const reason = row.reasons[0];
  const share = `${formatNumber((row.fallbacks / row.turns) * 100, 0)} %`;
  return reason ? `${share}: ${reason.reason} (${formatNumber(reason.turns, 0)})` : share;
}

/** How a choice is called on screen. */
export function modelName(model: string): string {
  if (model === "none") return "none: the plan’s own words";
  return model === "default" ? "desk’s order" : model;
}

/** Which model was first in order in a turn; null: none was asked. */
export const askedName = (asked: string | null): string => asked ?? "no model";
