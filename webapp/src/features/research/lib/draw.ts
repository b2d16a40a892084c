/** Placing intervals and stretches of days in a box. */

export interface Frame {
  low: number;
  high: number;
}

/** A frame around all values and zero, a little wider. */
export function frameAround(values: readonly number[]): Frame {
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const room = (high - low || 1) * 0.04;
  return { low: low - room, high: high + room };
}

/** Where a value stands in the frame, in percent of its width; ends are kept. */
export function percentOf(frame: Frame, value: number): number {
  const share = (value - frame.low) / (frame.high - frame.low);
  return Math.round(Math.max(0, Math.min(1, share)) * 10_000) / 100;
}

const DAY = 86_400_000;
const at = (day: string) => Date.parse(`${day}T00:00:00Z`);

/** Stretches of days as left edge and width in percent of start to end; a day has a width. */
export function stretchBoxes(
  stretches: readonly { start: string; end: string }[],
  start: string,
  end: string,
): { left: number; width: number }[] {
  const [from, whole] = [at(start), at(end) + DAY - at(start)];
  return stretches.map((each) => ({
    left: ((at(each.start) - from) / whole) * 100,
    width: ((at(each.end) + DAY - at(each.start)) / whole) * 100,
  }));
}

/** How strongly a score of -1 to 1 is tinted, in percent; scores of news are small, so half is full. */
export function tintOf(score: number): number {
  return Math.round(Math.min(1, Math.abs(score) / 0.5) * 70);
}
