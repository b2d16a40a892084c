"use client";
import type { ReactNode } from "react";
import type { Order } from "@/client/contract";
import { useInstruments } from "@/client/queries";
import { useLive } from "@/client/quotes";
import { formatChange, formatNumber, formatTime, tickDigits } from "@/features/ui/format";

/** The live price beside the order's limit, so that drift since the proposal is seen before the yes. */
export function PriceNow({ order }: { order: Order }): ReactNode {
  const quote = useLive((state) => state.quotes[order.instrument]);
  const tick = useInstruments().data?.find((each) => each.id === order.instrument)?.tick ?? 0.01;
  const digits = tickDigits(tick);
  if (!quote?.last) {
    return (
      <p className="text-compact text-fg2">
        No live price for {order.instrument}; the gate checks again anyway.
      </p>
    );
  }
  const drift = order.limit_price ? (quote.last / order.limit_price - 1) * 10_000 : null;
  return (
    <p className="text-compact text-fg2">
      {order.instrument} last <b className="font-semibold text-fg">{formatNumber(quote.last, digits)}</b>,
      market time {formatTime(quote.time)}
      {drift === null
        ? ""
        : `; ${formatChange(drift, 1)} bp from the limit ${formatNumber(order.limit_price, digits)}`}
      . The gate checks again after the yes.
    </p>
  );
}
