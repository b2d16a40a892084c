import type { EvalResult } from "@/client/contract-desk";
import { formatNumber, formatPlain, NONE } from "@/features/ui/format";

export interface MetricLine {
  name: string;
  value: number | null;
  low: number | null;
  high: number | null;
}

/** Metrics with intervals, whether the server nests them or sends `intervals` beside. */
export function metricLines(result: EvalResult): MetricLine[] {
  return Object.entries(result.metrics).map(([name, metric]) => {
    const beside = result.intervals?.[name] ?? null;
    if (metric === null || typeof metric === "number") {
      return { name, value: metric, low: beside?.[0] ?? null, high: beside?.[1] ?? null };
    }
    return { name, value: metric.value, low: metric.low ?? null, high: metric.high ?? null };
  });
}

export function metricText(name: string, value: number | null): string {
  if (value === null) return NONE;
  if (/_(ms|s|mb|us)$/.test(name) || Number.isInteger(value) || Math.abs(value) > 1)
    return formatPlain(value);
  return formatNumber(value, 3);
}
