/** Where points of the frontier lie in a box. */
import type { Frontier } from "@/client/contract-desk";

type Point = Frontier["points"][number];

export interface Frame {
  left: number;
  right: number;
  bottom: number;
  top: number;
}

/** A frame around all points, with a tenth of room on each side. */
export function frameOf(points: readonly Pick<Point, "volatility_pct" | "return_pct">[]): Frame {
  const xs = points.map((each) => each.volatility_pct);
  const ys = points.map((each) => each.return_pct);
  const room = (low: number, high: number): [number, number] => {
    const pad = Math.max(0.5, (high - low) / 10);
    return [low - pad, high + pad];
  };
  const [left, right] = room(Math.min(...xs), Math.max(...xs));
  const [bottom, top] = room(Math.min(...ys), Math.max(...ys));
  return { left: Math.max(0, left), right, bottom, top };
}

/** In the units of a chart of this size, y downwards. */
export function place(
  frame: Frame,
  size: { width: number; height: number },
  point: Pick<Point, "volatility_pct" | "return_pct">,
): { x: number; y: number } {
  const across = (point.volatility_pct - frame.left) / (frame.right - frame.left);
  const up = (point.return_pct - frame.bottom) / (frame.top - frame.bottom);
  return { x: across * size.width, y: (1 - up) * size.height };
}
