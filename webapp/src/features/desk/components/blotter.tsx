"use client";
import { Tabs } from "radix-ui";
import type { ReactNode } from "react";
import type { Instrument, Position, Positions } from "@/client/contract";
import { useOrders, usePositions } from "@/client/queries";
import { usePerson } from "@/features/shell/components/person";
import { mayTrade } from "@/features/shell/lib/sections";
import { Badge } from "@/features/ui/badge";
import { Button, TAB } from "@/features/ui/controls";
import {
  formatChange,
  formatMoney,
  formatNumber,
  formatPlain,
  formatTime,
  toneOf,
} from "@/features/ui/format";
import { Loaded } from "@/features/ui/panel";
import { type Column, Table } from "@/features/ui/table";
import { OrderTable } from "./order-table";

const NONE_YOURS = "No account is yours to see. Customers, traders and compliance see accounts here.";

export function Blotter({ instruments }: { instruments: Instrument[] }): ReactNode {
  const trades = mayTrade(usePerson().role);
  const positions = usePositions();
  const orders = useOrders();
  const symbols = new Map(instruments.map((each) => [each.id, each.symbol]));
  const open = orders.data?.filter((order) => order.state === "working" || order.state === "accepted").length;
  return (
    <section
      aria-label="Positions and orders"
      data-panel=""
      tabIndex={-1}
      className="flex min-h-0 min-w-0 flex-col rounded-card border border-line bg-s1 lg:col-span-2"
    >
      <Tabs.Root defaultValue="positions" className="flex min-h-0 flex-1 flex-col">
        <Tabs.List aria-label="Books" className="flex items-center border-b border-line pr-2">
          <Tabs.Trigger value="positions" className={TAB}>
            Positions
          </Tabs.Trigger>
          <Tabs.Trigger value="orders" className={TAB}>
            Orders{open ? ` (${open} open)` : ""}
          </Tabs.Trigger>
          <span className="ml-auto">
            <Badge tone="sim">SIMULATED fills and P&amp;L</Badge>
          </span>
        </Tabs.List>
        <Tabs.Content value="positions" className="min-h-0 flex-1 overflow-auto">
          <Loaded
            query={positions}
            label="positions"
            isEmpty={(data) => data.positions.length === 0 && data.cash.length === 0}
            empty={
              trades
                ? "No positions yet. Preview an order in the ticket, or ask the agents in Chat."
                : NONE_YOURS
            }
          >
            {(data) => <PositionTable data={data} symbols={symbols} />}
          </Loaded>
        </Tabs.Content>
        <Tabs.Content value="orders" className="min-h-0 flex-1 overflow-auto">
          <Loaded
            query={orders}
            label="orders"
            isEmpty={(data) => data.length === 0}
            empty={
              trades
                ? "No orders yet. Preview in the ticket starts one; Ctrl K takes “buy 10 AAPL @ mkt”."
                : NONE_YOURS
            }
          >
            {(data) => (
              <>
                <OrderTable orders={data} symbols={symbols} trades={trades} />
                {orders.hasNextPage ? (
                  <p className="p-2">
                    <Button
                      look="quiet"
                      disabled={orders.isFetchingNextPage}
                      onClick={() => void orders.fetchNextPage()}
                    >
                      {orders.isFetchingNextPage ? "Reading…" : "Older orders"}
                    </Button>
                  </p>
                ) : null}
              </>
            )}
          </Loaded>
        </Tabs.Content>
      </Tabs.Root>
    </section>
  );
}

function PositionTable({ data, symbols }: { data: Positions; symbols: Map<string, string> }): ReactNode {
  const columns: Column<Position>[] = [
    {
      head: "Instrument",
      cell: (row) => (
        <span title={row.name}>
          <b className="font-semibold">{symbols.get(row.instrument) ?? row.instrument}</b>{" "}
          <span className="text-fg3 max-sm:hidden">{row.name}</span>
        </span>
      ),
    },
    { head: "Account", cell: (row) => row.account, wide: true },
    { head: "Quantity", cell: (row) => formatPlain(row.quantity), right: true },
    { head: "Avg cost", cell: (row) => formatNumber(row.average_cost, 2), right: true, wide: true },
    { head: "Price", cell: (row) => formatNumber(row.price, 2), right: true, wide: true },
    { head: "Value", cell: (row) => formatMoney(row.value, row.currency), right: true },
    {
      head: "Unrealised",
      cell: (row) => <span className={toneOf(row.unrealised)}>{formatChange(row.unrealised)}</span>,
      right: true,
    },
    { head: "Priced", cell: (row) => row.note || formatTime(row.price_time), right: true, wide: true },
  ];
  return (
    <>
      <dl className="flex flex-wrap gap-x-6 gap-y-1 px-3 py-2 text-compact text-fg2">
        {data.totals.map((total) => (
          <div key={`${total.account}-${total.currency}`} className="flex gap-2">
            <dt>{total.account} equity</dt>
            <dd className="text-fg">{formatMoney(total.equity, total.currency)}</dd>
            <dt>exposure</dt>
            <dd className="text-fg">{formatMoney(total.exposure, total.currency)}</dd>
          </div>
        ))}
        {data.cash.map((cash) => (
          <div key={`${cash.account}-${cash.currency}`} className="flex gap-2">
            <dt>{cash.account} cash</dt>
            <dd className="text-fg">{formatMoney(cash.amount, cash.currency)}</dd>
          </div>
        ))}
      </dl>
      {data.positions.length > 0 ? (
        <Table
          caption="Positions"
          columns={columns}
          rows={data.positions}
          rowKey={(row) => `${row.account}-${row.instrument}`}
        />
      ) : null}
    </>
  );
}
