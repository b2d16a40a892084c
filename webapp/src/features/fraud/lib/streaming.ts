import type { StreamingAlert } from "@/client/contract-desk";

/** Alerts in a row of one sender with the same signs: `last` is the newest of them, `first` when the oldest was. */
export interface Run {
  last: StreamingAlert;
  first: string;
  count: number;
}

/** Newest first as the alerts are: who acts a hundred times in a row takes one line, and the others stay in sight. */
export function runsOf(alerts: readonly StreamingAlert[]): Run[] {
  const runs: Run[] = [];
  for (const alert of alerts) {
    const run = runs.at(-1);
    if (run && run.last.source === alert.source && run.last.signs.join() === alert.signs.join()) {
      run.first = alert.at;
      run.count += 1;
    } else {
      runs.push({ last: alert, first: alert.at, count: 1 });
    }
  }
  return runs;
}
