import type { EvalResult } from "@/client/contract-desk";
import { formatNumber, formatPlain, NONE } from "@/features/ui/format";

export interface MetricLine {
  name: string;
  value: number | null;
  low: number | null;
  high: number | null;
}

/** Metrics with their intervals: `pass_low` and `pass_high` are the interval of `pass_rate` (or of `pass`), unless the run has one. */
export function metricLines(result: Pick<EvalResult, "metrics" | "intervals">): MetricLine[] {
  const { metrics } = result;
  const bound = (name: string, end: "low" | "high") =>
    metrics[`${name.replace(/_rate$/, "")}_${end}`] ?? null;
  const ofAnother = (name: string) => {
    const stem = name.match(/^(.+)_(low|high)$/)?.[1];
    return stem !== undefined && (`${stem}_rate` in metrics || stem in metrics);
  };
  return Object.entries(metrics)
    .filter(([name]) => !ofAnother(name))
    .map(([name, value]) => {
      const [low, high] = result.intervals[name] ?? [bound(name, "low"), bound(name, "high")];
      return { name, value, low: low ?? null, high: high ?? null };
    });
}

/** A difference of shares in points, with its sign. */
export function pointsText(share: number): string {
  const points = formatNumber(Math.abs(share) * 100, 1);
  return share < 0 ? `−${points}` : `+${points}`;
}

export function metricText(name: string, value: number | null): string {
  if (value === null) return NONE;
  if (/_(ms|s|mb|us)$/.test(name) || Number.isInteger(value) || Math.abs(value) > 1)
    return formatPlain(value);
  return formatNumber(value, 3);
}
