import type { ReactNode } from "react";
import { formatChange } from "@/features/ui/format";
import { type Frame, percentOf } from "../lib/draw";

/** An estimate as a dot on its interval, with zero marked; the words say the same. */
export function IntervalLine({
  frame,
  estimate,
  low,
  high,
  beats = false,
}: {
  frame: Frame;
  estimate: number;
  low: number;
  high: number;
  beats?: boolean;
}): ReactNode {
  const [from, to] = [percentOf(frame, low), percentOf(frame, high)];
  const look = beats ? "bg-up" : high < 0 ? "bg-down" : "bg-fg2";
  return (
    <span
      role="img"
      aria-label={`${formatChange(estimate)}, from ${formatChange(low)} to ${formatChange(high)}`}
      className="relative block h-4 w-full min-w-24"
    >
      <span className="absolute inset-y-0 w-px bg-edge" style={{ left: `${percentOf(frame, 0)}%` }} />
      <span
        className={`absolute top-[7px] h-0.5 ${look}`}
        style={{ left: `${from}%`, width: `${Math.max(to - from, 0.5)}%` }}
      />
      <span
        className={`absolute top-1 -ml-1 size-2 rounded-full ${look}`}
        style={{ left: `${percentOf(frame, estimate)}%` }}
      />
    </span>
  );
}
