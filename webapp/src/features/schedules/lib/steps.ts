import type { ScheduleDetail } from "@/client/contract";

export interface Point {
  at: number;
  total: number;
}

const ms = (iso: string): number => new Date(iso).getTime();

/** What was due: a stair of the plan in force. */
export function planned(slices: ScheduleDetail["plan"]): Point[] {
  return slices.map((each) => ({ at: ms(each.at), total: each.total }));
}

/** What was filled, by the time its child was sent. */
export function filled(orders: ScheduleDetail["orders"]): Point[] {
  let total = 0;
  return orders.flatMap((each) => {
    if (each.filled === 0) return [];
    total += each.filled;
    return [{ at: ms(each.at), total }];
  });
}

/** An SVG stair from nothing at the start; the last step goes on until `until`. */
export function stair(
  points: Point[],
  box: { start: number; end: number; most: number; width: number; height: number },
  until: number,
): string {
  const span = Math.max(1, box.end - box.start);
  const x = (at: number) => ((Math.min(Math.max(at, box.start), box.end) - box.start) / span) * box.width;
  const y = (total: number) => box.height - (total / Math.max(box.most, 1e-12)) * box.height;
  const steps = points.map((each) => `H${x(each.at).toFixed(1)}V${y(each.total).toFixed(1)}`);
  return `M0 ${y(0).toFixed(1)}${steps.join("")}H${x(until).toFixed(1)}`;
}

/** Whole per cent of the quantity, never more than 100. */
export function percent(part: number, whole: number): number {
  return whole > 0 ? Math.min(100, Math.round((100 * part) / whole)) : 0;
}
