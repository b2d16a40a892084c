import type { ReactNode } from "react";
import type { Learned } from "@/client/contract-desk";
import { formatDate, formatNumber } from "@/features/ui/format";
import { Table } from "@/features/ui/table";

const NAMES: Record<string, string> = {
  learned: "Learned",
  equal_weight: "Equal weights",
  minimum_variance: "Minimum variance",
  twap: "TWAP",
  vwap: "VWAP",
  shortfall_low: "Almgren-Chriss, low",
  shortfall_medium: "Almgren-Chriss, medium",
  shortfall_high: "Almgren-Chriss, high",
};

/** Both verdicts in a sentence each; the figures behind them on demand. */
export function LearnedVerdict({ data }: { data: Learned }): ReactNode {
  const { windows } = data.balancing;
  const names = Object.keys(windows[0]?.sharpe ?? {});
  const costs = Object.entries(data.execution.mean_bps);
  return (
    <div className="flex flex-col gap-2 p-3 text-desk text-fg">
      <p>{data.balancing_said}</p>
      <p>{data.execution_said}</p>
      <details className="text-compact text-fg2">
        <summary className="cursor-pointer">Figures</summary>
        <Table
          caption="Sharpe ratios after costs on days not learned from"
          rows={windows}
          rowKey={(row) => row.first}
          columns={[
            { head: "Days", cell: (row) => `${formatDate(row.first)} to ${formatDate(row.last)}` },
            ...names.map((name) => ({
              head: NAMES[name] ?? name,
              cell: (row: (typeof windows)[number]) => formatNumber(row.sharpe[name] ?? null),
              right: true,
            })),
          ]}
        />
        <Table
          caption="Mean cost of orders not learned from"
          rows={costs}
          rowKey={([name]) => name}
          columns={[
            { head: "Schedule", cell: ([name]) => NAMES[name] ?? name },
            { head: "Basis points", cell: ([, cost]) => formatNumber(cost), right: true },
          ]}
        />
      </details>
    </div>
  );
}
