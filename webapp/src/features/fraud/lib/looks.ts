import type { Looks } from "@/client/contract-desk";

/** How often the desk looks by itself, in words. */
export function rhythmText(seconds: number): string {
  if (seconds <= 0) return "only when asked";
  return seconds < 120 ? `every ${seconds} s` : `every ${Math.round(seconds / 60)} min`;
}

/** What one look read and found, or why it failed. */
export function lookText(last: NonNullable<Looks["last"]>, figure: (n: number) => string): string {
  if (last.fault) return `failed: ${last.fault}`;
  const read = `${figure(last.bars)} bars, ${figure(last.headlines)} headlines, ${figure(last.forms)} forms`;
  return `${read}; ${figure(last.alerts)} alerts, ${figure(last.fresh.length)} new cases`;
}
