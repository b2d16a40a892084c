"use client";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import type { Lots } from "@/client/contract-desk";
import { useLots } from "@/client/queries-account";
import { Badge } from "@/features/ui/badge";
import { Field, INPUT } from "@/features/ui/controls";
import { formatNumber, NONE } from "@/features/ui/format";
import { Loaded, Panel } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";

const METHODS: Record<string, string> = {
  fifo: "First in, first out",
  lifo: "Last in, first out",
  highest_cost: "Highest cost first",
};
const TERMS: Record<string, string> = {
  short: "Up to a year",
  long: "Over a year",
  unknown: "Not on record",
};

/** What was bought when, what sales realised, and losses that could be taken, each with the way to a proposal. */
export function LotsView({ account }: { account: string }): ReactNode {
  const [method, setMethod] = useState("fifo");
  const lots = useLots(account, method);
  return (
    <div className="grid min-h-0 grid-cols-1 gap-2 lg:grid-cols-2 lg:grid-rows-[minmax(0,1fr)_minmax(0,1fr)]">
      <Panel title="Open lots" className="lg:row-span-2" aside={<Badge tone="info">US rules</Badge>}>
        <div className="max-w-72 p-3 pb-0">
          <Field label="A sale takes">
            <select className={INPUT} value={method} onChange={(event) => setMethod(event.target.value)}>
              {Object.entries(METHODS).map(([key, name]) => (
                <option key={key} value={key}>
                  {name}
                </option>
              ))}
            </select>
          </Field>
        </div>
        <Loaded
          query={lots}
          label="lots"
          isEmpty={(data) => data.lots.length === 0 && Object.keys(data.lacking).length === 0}
          empty="Nothing is held, so there are no lots."
        >
          {(data) => <OpenLots data={data} />}
        </Loaded>
      </Panel>
      <Panel title="Losses that could be taken">
        <Loaded
          query={lots}
          label="losses"
          isEmpty={(data) => data.harvest.length === 0}
          empty="No lot stands at a loss."
        >
          {(data) => <Losses data={data} />}
        </Loaded>
      </Panel>
      <Panel title="Realised">
        <Loaded
          query={lots}
          label="sales"
          isEmpty={(data) => data.realised.length === 0}
          empty="Nothing was sold since the records began."
        >
          {(data) => <Sales data={data} />}
        </Loaded>
      </Panel>
    </div>
  );
}

function OpenLots({ data }: { data: Lots }): ReactNode {
  return (
    <div className="flex flex-col gap-2 p-3">
      <Table
        caption="Open lots"
        rows={data.lots}
        rowKey={(row) => `${row.instrument} ${row.id}`}
        columns={[
          { head: "Instrument", cell: (row) => row.instrument },
          { head: "Bought", cell: (row) => row.acquired ?? "before the records" },
          { head: "Units", cell: (row) => row.quantity, right: true },
          { head: "Cost", cell: (row) => formatNumber(Number(row.cost)), right: true, wide: true },
          { head: "Gain or loss", cell: (row) => formatNumber(Number(row.gain)), right: true },
        ]}
      />
      {Object.entries(data.lacking).map(([id, why]) => (
        <p key={id} className="text-compact text-fg2">
          {id}: {why}.
        </p>
      ))}
      <p className="text-compact text-fg2">{data.label}. Amounts are in each instrument's currency.</p>
    </div>
  );
}

function Losses({ data }: { data: Lots }): ReactNode {
  return (
    <div className="flex flex-col gap-2 p-3">
      <Table
        caption="Losses that could be taken"
        rows={data.harvest}
        rowKey={(row) => `${row.instrument} ${row.lot}`}
        columns={[
          { head: "Instrument", cell: (row) => row.instrument },
          { head: "Loss", cell: (row) => formatNumber(Number(row.loss)), right: true },
          { head: "Would not count", cell: (row) => formatNumber(Number(row.washed)), right: true },
          { head: "Held", cell: (row) => TERMS[row.term] ?? NONE, wide: true },
          { head: "Buy again from", cell: (row) => row.not_before },
          {
            head: "Sell",
            cell: (row) => (
              <Link
                href={`/chat/?ask=${encodeURIComponent(`Sell ${row.quantity} ${row.instrument.split(":")[1]}`)}`}
                className="inline-flex min-h-6 items-center text-accent underline"
              >
                Propose
              </Link>
            ),
          },
        ]}
      />
      <p className="text-compact text-fg2">
        A loss does not count as far as the same instrument is bought within 30 days before or after the sale.
        The link asks the desk to propose the sale; nothing is sold before it is approved.
      </p>
    </div>
  );
}

function Sales({ data }: { data: Lots }): ReactNode {
  return (
    <div className="p-3">
      <Table
        caption="Realised gains and losses"
        rows={data.realised.map((row, n) => ({ ...row, n }))}
        rowKey={(row) => String(row.n)}
        columns={[
          { head: "Instrument", cell: (row) => row.instrument },
          { head: "Sold", cell: (row) => row.sold },
          { head: "Units", cell: (row) => row.quantity, right: true },
          { head: "Gain or loss", cell: (row) => formatNumber(Number(row.gain)), right: true },
          {
            head: "Does not count",
            cell: (row) => formatNumber(Number(row.disallowed)),
            right: true,
            wide: true,
          },
          { head: "Held", cell: (row) => TERMS[row.term] ?? NONE, wide: true },
        ]}
      />
    </div>
  );
}
