import type { ReactNode } from "react";
import type { Weighed } from "@/client/contract-desk";
import { formatDate, formatNumber } from "@/features/ui/format";
import { Table } from "@/features/ui/table";
import { OBJECTIVES } from "../lib/form";

type Row = Weighed["rows"][number];

/** The weights, what they would have meant, and what to know about them. */
export function WeightTable({ data }: { data: Weighed }): ReactNode {
  const kept = data.rows.filter((row) => row.weight_pct > 0 || (row.held_pct ?? 0) > 0);
  const most = Math.max(...kept.map((row) => row.weight_pct), 1);
  const held = data.rows.some((row) => row.held_pct !== null);
  return (
    <div className="flex flex-col gap-2 p-3">
      <p className="text-desk text-fg">
        <strong>{OBJECTIVES[data.objective as keyof typeof OBJECTIVES]}</strong>: volatility{" "}
        {formatNumber(data.volatility_pct)} % and expected return {formatNumber(data.return_pct)} % a year
        {data.sharpe === null ? "" : `, Sharpe ratio ${formatNumber(data.sharpe)}`}; on the worst twentieth of
        days it lost {formatNumber(data.cvar_pct)} % on average.
      </p>
      <Table
        caption="Weights"
        rows={kept}
        rowKey={(row) => row.instrument}
        columns={[
          { head: "Instrument", cell: (row) => row.name },
          { head: "Sector", cell: (row) => row.sector || "—", wide: true },
          { head: "Weight, %", cell: (row) => <Bar row={row} most={most} />, right: true },
          ...(held
            ? [{ head: "Held, %", cell: (row: Row) => formatNumber(row.held_pct), right: true, wide: true }]
            : []),
          { head: "Of the risk, %", cell: (row) => formatNumber(row.risk_pct), right: true },
        ]}
      />
      <ul className="list-disc pl-5 text-compact text-fg2">
        <li>
          {data.days} common daily returns from {formatDate(data.first_day)} to {formatDate(data.last_day)}.
        </li>
        {data.least_volatility_pct === null ? null : (
          <li>
            Without the limit on holdings it would be {formatNumber(data.least_volatility_pct)} %: none of so
            few can be below.
          </li>
        )}
        {data.notes.map((note) => (
          <li key={note}>{note[0]?.toUpperCase() + note.slice(1)}.</li>
        ))}
      </ul>
    </div>
  );
}

function Bar({ row, most }: { row: Row; most: number }): ReactNode {
  return (
    <span className="inline-flex w-full items-center justify-end gap-2">
      <span aria-hidden="true" className="h-2 max-w-40 flex-1 text-left">
        <span
          className="block h-2 rounded-cell bg-accent"
          style={{ width: `${(row.weight_pct / most) * 100}%` }}
        />
      </span>
      {formatNumber(row.weight_pct)}
    </span>
  );
}
