"use client";
import type { ReactNode } from "react";
import type { AlertDetail } from "@/client/contract-desk";
import { formatNumber, formatTime, NONE } from "@/features/ui/format";
import { Scroll } from "@/features/ui/scroll";
import { Table } from "@/features/ui/table";

const shown = (value: number | null): string => (value === null ? NONE : formatNumber(value));

/** The time line of a market case: orders, trades, bars or forms in order; a figure of the narrative marks its rows. */
export function MarketRows({ alert, picked }: { alert: AlertDetail; picked: readonly string[] }): ReactNode {
  return (
    <section>
      <h3 className="mb-1 text-head font-semibold text-fg3">Evidence in order of time</h3>
      <Scroll label="Rows of evidence" className="max-h-[400px] overflow-auto">
        <Table
          caption="Orders, trades, bars and forms in order, with running amounts"
          rows={alert.rows}
          rowKey={(row) => row.id}
          columns={[
            {
              head: "Row",
              cell: (row) =>
                picked.includes(row.id) ? <strong className="text-accent">● {row.id}</strong> : row.id,
            },
            { head: "Time", cell: (row) => formatTime(row.time) },
            { head: "What", cell: (row) => row.what },
            { head: "Account", cell: (row) => row.account || NONE },
            { head: "Of", cell: (row) => row.about || NONE },
            { head: "Quantity", cell: (row) => shown(row.quantity), right: true },
            { head: "Price", cell: (row) => shown(row.price), right: true },
            { head: "Worth", cell: (row) => shown(row.worth), right: true },
            { head: "Sum so far", cell: (row) => formatNumber(row.total), right: true },
          ]}
        />
      </Scroll>
    </section>
  );
}
