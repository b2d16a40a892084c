"use client";
import type { ReactNode } from "react";
import { useSystem } from "@/client/queries-desk";
import { heardAt, useLive } from "@/client/quotes";
import { Badge } from "@/features/ui/badge";
import { formatClock } from "@/features/ui/format";
import { useNow } from "@/features/ui/use-now";
import { groupClocks } from "../lib/clocks";
import { freshness } from "../lib/freshness";

function LinkState(): ReactNode {
  const link = useLive((state) => state.link);
  const retryAt = useLive((state) => state.retryAt);
  const now = useNow();
  const state = freshness(link, heardAt(), retryAt, now);
  return (
    <Badge tone={state.tone} title="Time since the last frame of the live stream">
      {state.text}
    </Badge>
  );
}

export function StatusStrip({ label }: { label: string | null }): ReactNode {
  const clocks = useLive((state) => state.clocks);
  const paused = useLive((state) => state.paused);
  const togglePause = useLive((state) => state.togglePause);
  const system = useSystem();
  const narrator = system.data?.narrator;
  const shown = clocks.length > 0 ? clocks : (system.data?.clocks ?? []);
  return (
    <div className="flex min-h-6 items-center gap-3 overflow-x-auto border-b border-line bg-s2 px-3 text-head whitespace-nowrap lg:flex-wrap lg:gap-y-0 lg:overflow-visible text-fg2">
      <Badge tone="sim" title="Fills, prices after the replay date and P&L are simulated">
        {label ?? "SIMULATED"}
      </Badge>
      <span role="status" aria-live="off">
        <LinkState />
      </span>
      <button
        type="button"
        onClick={togglePause}
        aria-pressed={paused}
        className="min-h-6 rounded-cell px-1 text-fg2 underline-offset-2 hover:underline"
      >
        {paused ? "Resume quotes" : "Pause quotes"}
      </button>
      {groupClocks(shown).map((group) => (
        <span key={group.text} title={`${group.classes.join(", ")}: market time, UTC`}>
          <span className="text-info">▣ {group.text}</span> {group.classes.join(", ")}
        </span>
      ))}
      {narrator ? (
        <span>
          Narrator: {narrator === "offline narrator" ? "offline narrator, template text, no model" : narrator}
        </span>
      ) : null}
      <Wall />
    </div>
  );
}

function Wall(): ReactNode {
  const now = useNow();
  return (
    <span className="ml-auto" suppressHydrationWarning>
      {now ? formatClock(new Date(now).toISOString()) : ""}
    </span>
  );
}
