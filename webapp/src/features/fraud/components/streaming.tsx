"use client";
import type { ReactNode } from "react";
import { useStreaming } from "@/client/queries-fraud";
import { formatNumber, formatTime } from "@/features/ui/format";
import { Loaded, Panel } from "@/features/ui/panel";

/** What the streaming score found among orders, fills and payments, one line an episode; new ones come with the socket. */
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
          <ul aria-label="Streaming alerts, the last that grew first">
            {data.alerts.map((each) => (
              <li key={each.id} className="border-b border-line px-3 py-1.5 text-compact">
                <span className="flex justify-between gap-2">
                  <span className="min-w-0 truncate font-semibold">
                    {each.source} → {each.target}
                  </span>
                  <span className="whitespace-nowrap">{formatNumber(each.amount)}</span>
                </span>
                <span className="block text-fg3">
                  {formatTime(each.at)} · score {formatNumber(each.score)}
                  {each.signs.length > 0 ? ` · ${each.signs.join(", ")}` : ""}
                  {each.count > 1 ? ` · ${formatNumber(each.count, 0)} since ${formatTime(each.since)}` : ""}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}
