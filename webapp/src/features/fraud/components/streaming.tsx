"use client";
import type { ReactNode } from "react";
import { useStreaming } from "@/client/queries-fraud";
import { formatNumber, formatTime } from "@/features/ui/format";
import { Loaded, Panel } from "@/features/ui/panel";
import { runsOf } from "../lib/streaming";

/** What the streaming score found among orders, fills and payments; new ones come with the socket. */
export function StreamingPanel(): ReactNode {
  const query = useStreaming();
  const scored = query.data ? `${formatNumber(query.data.scored, 0)} scored` : "";
  return (
    <Panel
      title="Streaming alerts"
      className="max-lg:max-h-60"
      aside={<span className="text-head text-fg3">{scored}</span>}
    >
      <Loaded
        query={query}
        label="streaming alerts"
        isEmpty={(data) => data.alerts.length === 0}
        empty="Nothing stood out yet. Orders, fills and payments are scored as they happen."
      >
        {(data) => (
          <ul aria-label="Streaming alerts, newest first">
            {runsOf(data.alerts).map(({ last, first, count }) => (
              <li key={last.id} className="border-b border-line px-3 py-1.5 text-compact">
                <span className="flex justify-between gap-2">
                  <span className="min-w-0 truncate font-semibold">
                    {last.source} → {last.target}
                  </span>
                  <span className="whitespace-nowrap">{formatNumber(last.amount)}</span>
                </span>
                <span className="block text-fg3">
                  {formatTime(last.at)} · score {formatNumber(last.score)}
                  {last.signs.length > 0 ? ` · ${last.signs.join(", ")}` : ""}
                  {count > 1 ? ` · the last of ${formatNumber(count, 0)} since ${formatTime(first)}` : ""}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}
