import type { ReactNode } from "react";
import type { ScheduleDetail } from "@/client/contract";
import { Badge, StateBadge } from "@/features/ui/badge";
import { formatChange, formatClock, formatMoney, formatNumber, formatPlain } from "@/features/ui/format";
import { Empty } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";

interface Row {
  what: string;
  money: number | null;
  bps: number | null;
  expected: number | null;
}

/** Cost against the price at its start, in parts, beside what the model expects. */
export function Report({ data }: { data: ScheduleDetail }): ReactNode {
  const { report, expected } = data;
  if (report.arrival === null) return <Empty>The report begins with the first look at the market.</Empty>;
  const impact = expected ? expected.permanent + expected.temporary : null;
  const rows: Row[] = [
    {
      what: "Spread and slippage",
      money: report.spread,
      bps: report.spread_bps,
      expected: expected?.spread ?? null,
    },
    {
      what: "Commission",
      money: report.commission,
      bps: report.commission_bps,
      expected: expected?.commission ?? null,
    },
    { what: "Drift (impact expected)", money: report.drift, bps: report.drift_bps, expected: impact },
    {
      what: "Cost against arrival",
      money: report.cost,
      bps: report.cost_bps,
      expected: expected?.total ?? null,
    },
  ];
  return (
    <section aria-label="Report" className="flex flex-col gap-1">
      <h3 className="text-compact font-semibold text-fg2">Report</h3>
      <p className="text-compact text-fg2">
        Average {formatPlain(report.average)} against arrival {formatPlain(report.arrival)}; market TWAP{" "}
        {formatPlain(report.twap)} ({formatChange(report.against_twap_bps)} bp), VWAP{" "}
        {formatPlain(report.vwap)} ({formatChange(report.against_vwap_bps)} bp); {formatPlain(report.left)}{" "}
        left, moving away cost{" "}
        {report.opportunity === null
          ? "unknown (it has no price now)"
          : formatMoney(report.opportunity, report.currency)}
        . Benchmarks cover {formatNumber(report.watched * 100, 0)} % of the time.
      </p>
      <Table
        caption="Cost against arrival in parts; positive costs you"
        rows={rows}
        rowKey={(row) => row.what}
        columns={[
          { head: "Part", cell: (row) => row.what },
          { head: "Money", cell: (row) => formatMoney(row.money, report.currency), right: true },
          { head: "Basis points", cell: (row) => formatNumber(row.bps, 2), right: true },
          { head: "Expected", cell: (row) => formatNumber(row.expected, 2), right: true },
        ]}
      />
      {expected ? (
        <p className="text-compact text-fg2">
          95 % of outcomes from {formatNumber(expected.low, 2)} to {formatNumber(expected.high, 2)} bp,{" "}
          {expected.model}{" "}
          {report.within === null ? null : (
            <Badge tone={report.within ? "pass" : "warn"}>
              {report.within ? "inside" : "outside"} the band
            </Badge>
          )}
        </p>
      ) : null}
    </section>
  );
}

/** The children that were sent, and the slices of the plan in force. */
export function Children({ data }: { data: ScheduleDetail }): ReactNode {
  return (
    <>
      <h3 className="text-compact font-semibold text-fg2">Children</h3>
      {data.orders.length === 0 ? (
        <p className="text-compact text-fg2">None was sent yet.</p>
      ) : (
        <Table
          caption="Children, newest first"
          rows={[...data.orders].reverse()}
          rowKey={(row) => row.client_id}
          columns={[
            { head: "Sent", cell: (row) => formatClock(row.at) },
            { head: "Id", cell: (row) => row.client_id, wide: true },
            { head: "Quantity", cell: (row) => formatPlain(row.quantity), right: true },
            { head: "Limit", cell: (row) => formatPlain(row.limit_price), right: true, wide: true },
            { head: "Filled", cell: (row) => formatPlain(row.filled), right: true },
            { head: "Price", cell: (row) => formatPlain(row.average_price), right: true },
            {
              head: "State",
              cell: (row) => (
                <span title={row.reason || undefined}>
                  <StateBadge state={row.state || row.outcome} />
                  {row.reason ? <span className="ml-1 text-fg3 max-sm:hidden">{row.reason}</span> : null}
                </span>
              ),
            },
          ]}
        />
      )}
      <details className="text-compact text-fg2">
        <summary className="min-h-6 cursor-pointer">{data.plan.length} slices of the plan in force</summary>
        <Table
          caption="Slices of the plan in force"
          rows={data.plan}
          rowKey={(row) => row.at}
          columns={[
            { head: "Due", cell: (row) => formatClock(row.at) },
            { head: "Quantity", cell: (row) => formatPlain(row.quantity), right: true },
            { head: "In all", cell: (row) => formatPlain(row.total), right: true },
          ]}
        />
      </details>
    </>
  );
}
