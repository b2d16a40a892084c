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

/**
 * The cases that fit all four, in the desk's order (`order`: ids, the most urgent first); an empty text narrows nothing.
 * What the order does not name, as before it is there, follows by priority.
 */
export function queueOf(alerts: readonly Alert[], by: Narrowing, order: readonly string[] = []): Alert[] {
  const place = new Map(order.map((id, at) => [id, at]));
  const at = (alert: Alert) => place.get(alert.id) ?? order.length;
  return alerts
    .filter(
      (alert) =>
        (by.kind === "" || alert.kind === by.kind) &&
        (by.typology === "" || alert.typology === by.typology) &&
        (by.state === "" || alert.state === by.state) &&
        (by.assignee === "" || (alert.assignee || NOBODY) === by.assignee),
    )
    .sort(
      (a, b) =>
        at(a) - at(b) || b.priority - a.priority || b.end.localeCompare(a.end) || a.id.localeCompare(b.id),
    );
}

export const distinct = (values: readonly string[]): string[] => [...new Set(values)].sort();
