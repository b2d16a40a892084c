"use client";
import { type ReactNode, useState } from "react";
import { useTurns, type Window } from "@/client/queries-agents";
import { Choice } from "@/features/ui/controls";
import { formatNumber, formatTime } from "@/features/ui/format";
import { Loaded, Panel } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";
import { askedName, fallbacks, perTurn, spread, usd } from "../lib/turns";

const WINDOWS = [
  { value: "hour", label: "Last hour" },
  { value: "day", label: "Day" },
  { value: "week", label: "7 days" },
] as const;

export function TurnsPanel(): ReactNode {
  const [window, setWindow] = useState<Window>("hour");
  const query = useTurns(window);
  return (
    <Panel
      title="Cost and latency of answers"
      aside={<Choice label="Window" value={window} options={WINDOWS} onChange={setWindow} />}
    >
      <Loaded
        query={query}
        label="cost and latency"
        isEmpty={(report) => report.rows.length === 0}
        empty="No agent answered in this time. Ask something in Chat, or choose a longer time."
      >
        {(report) => (
          <>
            {report.truncated ? (
              <p className="px-3 py-2 text-compact text-warn">
                ◐ There were more turns than are counted; the oldest are left out.
              </p>
            ) : null}
            <Table
              caption={`Turns of each agent since ${formatTime(report.since)}, by prompt and model`}
              rows={report.rows}
              rowKey={(row) => `${row.prompt} ${row.asked}`}
              columns={[
                {
                  head: "Prompt",
                  cell: (row) => (
                    <>
                      {row.prompt}
                      <span className="block text-fg2 sm:hidden">{askedName(row.asked)}</span>
                      {row.fallbacks ? (
                        <span className="block text-warn sm:hidden">◐ fell back {fallbacks(row)}</span>
                      ) : null}
                    </>
                  ),
                },
                { head: "Model", cell: (row) => askedName(row.asked), wide: true },
                { head: "Answers", cell: (row) => formatNumber(row.turns, 0), right: true },
                {
                  head: "First token p50 / p95",
                  cell: (row) => spread(row.first_ms),
                  right: true,
                  wide: true,
                },
                { head: "Total p50 / p95", cell: (row) => spread(row.total_ms), right: true },
                {
                  head: "Tokens in / out",
                  cell: (row) => `${formatNumber(row.tokens_in, 0)} / ${formatNumber(row.tokens_out, 0)}`,
                  right: true,
                  wide: true,
                },
                { head: "USD an answer", cell: (row) => usd(perTurn(row)), right: true },
                { head: "USD in all", cell: (row) => usd(row.cost_usd), right: true, wide: true },
                {
                  head: "Fell back",
                  cell: (row) => <span className="text-fg2">{fallbacks(row)}</span>,
                  wide: true,
                },
              ]}
            />
          </>
        )}
      </Loaded>
    </Panel>
  );
}
