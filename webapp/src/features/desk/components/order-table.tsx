"use client";
import dynamic from "next/dynamic";
import { type ReactNode, useState } from "react";
import type { Order } from "@/client/contract";
import { sentence } from "@/client/http";
import { useAmendOrder, useCancelAllOrders, useCancelOrder } from "@/client/queries";
import { StateBadge } from "@/features/ui/badge";
import { Button, Field, INPUT } from "@/features/ui/controls";
import { Dialog } from "@/features/ui/dialog";
import { formatClock, formatPlain } from "@/features/ui/format";
import { type Column, Table } from "@/features/ui/table";
import { hasLimit, readNumber } from "../lib/draft";
import { ProgressBox, ReviewStrip } from "./order-progress";

const Confirm = dynamic(() => import("@/features/ui/dialog").then((module) => module.Confirm), {
  ssr: false,
});

const isOpen = (order: Order) => order.state === "working" || order.state === "accepted";

/** `limit 180`, `stop 175`, `stop 175, limit 174`, with what makes the order unlike a plain one. */
export function termsOf(order: Order): string {
  const parts = [];
  if (order.stop_price !== null)
    parts.push(`stop ${formatPlain(order.stop_price)}${order.triggered ? " ✓" : ""}`);
  if (order.limit_price !== null) parts.push(`limit ${formatPlain(order.limit_price)}`);
  if (parts.length === 0) parts.push("market");
  if (order.display !== null) parts.push(`shows ${formatPlain(order.display)}`);
  if (order.post_only) parts.push("post-only");
  parts.push(order.expires ? `until ${order.expires}` : order.time_in_force);
  return parts.join(", ");
}

const sideText = (order: Order) => (
  <span className={order.side === "buy" ? "text-buy" : "text-down"}>
    {order.side === "buy" ? "B buy" : "S sell"}
  </span>
);

export function OrderTable({
  orders,
  symbols,
  trades,
}: {
  orders: Order[];
  symbols: Map<string, string>;
  trades: boolean;
}): ReactNode {
  const [asked, setAsked] = useState<Order | "all" | null>(null);
  const [amended, setAmended] = useState<Order | null>(null);
  const [tracked, setTracked] = useState<string | null>(null);
  const columns: Column<Order>[] = [
    {
      head: "Time",
      cell: (row) => <span title={row.created_at ?? undefined}>{formatClock(row.created_at)}</span>,
      wide: true,
    },
    { head: "Instrument", cell: (row) => symbols.get(row.instrument) ?? row.instrument },
    { head: "Side", cell: sideText },
    { head: "Quantity", cell: (row) => formatPlain(row.quantity), right: true },
    { head: "Terms", cell: termsOf, wide: true },
    { head: "Filled", cell: (row) => formatPlain(row.filled), right: true, wide: true },
    { head: "Avg price", cell: (row) => formatPlain(row.average_price), right: true, wide: true },
    {
      head: "State",
      cell: (row) => (
        <span title={row.reason ?? undefined}>
          <button
            type="button"
            className="min-h-6"
            aria-label={`${row.state}: show every step of order ${row.id}`}
            onClick={() => setTracked(row.id)}
          >
            <StateBadge state={row.state} />
          </button>
          {row.reason ? <span className="ml-1 text-fg3 max-sm:hidden">{row.reason}</span> : null}
        </span>
      ),
    },
    { head: "By", cell: (row) => row.by ?? "—", wide: true },
    {
      head: "Change",
      cell: (row) =>
        trades && isOpen(row) ? (
          <span className="flex justify-end">
            <Button look="quiet" className="h-6!" onClick={() => setAmended(row)}>
              Amend…
            </Button>
            <Button look="quiet" className="h-6!" onClick={() => setAsked(row)}>
              Cancel…
            </Button>
          </span>
        ) : null,
      right: true,
    },
  ];
  return (
    <>
      <ReviewStrip onPick={setTracked} />
      {trades && orders.filter(isOpen).length > 1 ? (
        <div className="flex justify-end border-b border-line px-2 py-1">
          <Button look="quiet" className="h-6!" onClick={() => setAsked("all")}>
            Cancel all open…
          </Button>
        </div>
      ) : null}
      <Table caption="Orders, newest first" columns={columns} rows={orders} rowKey={(row) => row.id} />
      {tracked ? <ProgressBox id={tracked} trades={trades} onDone={() => setTracked(null)} /> : null}
      {asked ? <CancelBox asked={asked} onDone={() => setAsked(null)} /> : null}
      {amended ? <AmendBox order={amended} onDone={() => setAmended(null)} /> : null}
    </>
  );
}

function CancelBox({ asked, onDone }: { asked: Order | "all"; onDone: () => void }): ReactNode {
  const one = useCancelOrder();
  const all = useCancelAllOrders();
  const every = asked === "all";
  return (
    <Confirm
      open
      onOpenChange={onDone}
      title={every ? "Cancel every open order?" : "Cancel this order?"}
      consequence={
        every
          ? "All open orders of your accounts leave the book. What has been filled stays."
          : `What has been filled stays (${formatPlain(asked.filled)} of ${formatPlain(asked.quantity)}); the rest leaves the book.`
      }
      verb={every ? "Cancel all orders" : "Cancel the order"}
      look="danger"
      pending={one.isPending || all.isPending}
      error={one.error ?? all.error}
      onConfirm={() =>
        every ? all.mutate(undefined, { onSuccess: onDone }) : one.mutate(asked.id, { onSuccess: onDone })
      }
    />
  );
}

function AmendBox({ order, onDone }: { order: Order; onDone: () => void }): ReactNode {
  const [quantity, setQuantity] = useState(String(order.quantity));
  const [limit, setLimit] = useState(order.limit_price === null ? "" : String(order.limit_price));
  const amend = useAmendOrder();
  const limited = hasLimit(order.type);
  const units = readNumber(quantity);
  const price = readNumber(limit);
  const wrong = Number.isNaN(units) || (limited && Number.isNaN(price));
  const same = units === order.quantity && (!limited || price === order.limit_price);
  return (
    <Dialog
      open
      onOpenChange={onDone}
      title={`Amend order ${order.id}`}
      description="Less at the same price keeps its place in the queue. Anything else goes to the end of it, passes the gate again, and may trade at once."
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          amend.mutate(
            { id: order.id, quantity: units, ...(limited ? { limit_price: price } : {}) },
            { onSuccess: onDone },
          );
        }}
      >
        <Field
          label="Whole quantity"
          hint={order.filled > 0 ? `${formatPlain(order.filled)} of it is filled already.` : undefined}
        >
          <input
            className={`${INPUT} text-right`}
            inputMode="decimal"
            value={quantity}
            onChange={(event) => setQuantity(event.target.value)}
          />
        </Field>
        {limited ? (
          <Field label="Limit price">
            <input
              className={`${INPUT} text-right`}
              inputMode="decimal"
              value={limit}
              onChange={(event) => setLimit(event.target.value)}
            />
          </Field>
        ) : null}
        {amend.error ? (
          <p role="alert" className="text-desk text-down">
            ✕ {sentence(amend.error)}
          </p>
        ) : null}
        <div className="flex justify-end gap-2">
          <Button onClick={onDone}>Keep as it is</Button>
          <Button type="submit" look="primary" disabled={wrong || same || amend.isPending}>
            {amend.isPending ? "Amending…" : "Amend the order"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
