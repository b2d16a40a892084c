"use client";
import type { ReactNode } from "react";
import { formatMoney, formatTime } from "@/features/ui/format";
import type { Standing } from "../lib/moments";

/** One stop for each moment at which money moved; arrows, Home and End step through them. */
export function TimeSlider({
  moments,
  at,
  standing,
  of,
  currency,
  onMove,
}: {
  moments: readonly string[];
  at: number;
  standing: Standing;
  of: number;
  currency: string;
  onMove: (at: number) => void;
}): ReactNode {
  const words = `${formatTime(moments[at])}: ${standing.done} of ${of} transfers, ${formatMoney(standing.moved, currency)} moved`;
  return (
    <label className="flex flex-wrap items-center gap-x-3 text-compact text-fg2">
      Until
      <input
        type="range"
        className="h-6 min-w-40 flex-1 accent-(--accent)"
        min={0}
        max={moments.length - 1}
        value={at}
        aria-label="Show the case until"
        aria-valuetext={words}
        onChange={(event) => onMove(Number(event.target.value))}
      />
      <output className="basis-full text-head text-fg3">{words}</output>
    </label>
  );
}
