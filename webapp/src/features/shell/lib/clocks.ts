import type { Clock } from "@/client/contract";
import { formatTime } from "@/features/ui/format";

export interface ClockGroup {
  text: string;
  classes: string[];
}

/** Asset classes that share mode and minute are named together: "replay 2024-11-15 20:59" for stocks, crypto. */
export function groupClocks(clocks: readonly Clock[]): ClockGroup[] {
  const groups = new Map<string, string[]>();
  for (const clock of clocks) {
    const text = `${clock.mode} ${formatTime(clock.time).slice(0, 16)}`;
    groups.set(text, [...(groups.get(text) ?? []), clock.asset_class]);
  }
  return [...groups].map(([text, classes]) => ({ text, classes }));
}
