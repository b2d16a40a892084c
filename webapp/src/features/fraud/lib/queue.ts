/** The queue of cases: which are shown, in which order, and what can be chosen to narrow it. */
import type { Alert } from "@/client/contract-desk";

export interface Narrowing {
  kind: string;
  typology: string;
  state: string;
  assignee: string;
}

/** The choice of `assignee` for cases that nobody has; no person's name has a blank. */
export const NOBODY = "with nobody";

/** The cases that fit all four, most urgent first; an empty text narrows nothing. */
export function queueOf(alerts: readonly Alert[], by: Narrowing): Alert[] {
  return alerts
    .filter(
      (alert) =>
        (by.kind === "" || alert.kind === by.kind) &&
        (by.typology === "" || alert.typology === by.typology) &&
        (by.state === "" || alert.state === by.state) &&
        (by.assignee === "" || (alert.assignee || NOBODY) === by.assignee),
    )
    .sort((a, b) => b.priority - a.priority || b.end.localeCompare(a.end) || a.id.localeCompare(b.id));
}

export const distinct = (values: readonly string[]): string[] => [...new Set(values)].sort();
