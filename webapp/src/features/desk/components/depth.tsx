"use client";
import type { ReactNode } from "react";
import type { Instrument } from "@/client/contract";
import type { Book, Level, Print } from "@/client/market";
import { useMarket, useMarketSocket } from "@/client/market-socket";
import { Badge } from "@/features/ui/badge";
import { formatClock, formatNumber, formatPlain, tickDigits } from "@/features/ui/format";
import { Empty, Skeleton } from "@/features/ui/panel";
import { Scroll } from "@/features/ui/scroll";
import { Table } from "@/features/ui/table";
import { type Rung, rungs } from "../lib/ladder";

/** The order book as a ladder, asks above bids, beside the tape of the venue's trades. */
export function Depth({ instrument }: { instrument: Instrument }): ReactNode {
  useMarketSocket(instrument.id);
  const book = useMarket((state) => state.book);
  const tape = useMarket((state) => state.tape);
  if (!book || !tape) return <Skeleton label="the order book" />;
  return (
    <div className="grid min-h-0 flex-1 grid-cols-1 sm:grid-cols-2">
      <Scroll label="Order book" className="min-h-0 overflow-auto">
        <Ladder book={book} symbol={instrument.symbol} />
      </Scroll>
      <Scroll label="Trade tape" className="min-h-0 overflow-auto sm:border-l border-line">
        {tape.trades.length === 0 ? (
          <Empty>The venue has told of no trades yet.</Empty>
        ) : (
          <Trades trades={tape.trades} tick={tape.tick} lot={tape.lot} symbol={instrument.symbol} />
        )}
      </Scroll>
    </div>
  );
}

function Ladder({ book, symbol }: { book: Book; symbol: string }): ReactNode {
  const digits = tickDigits(book.tick);
  if (book.bids.length === 0 && book.asks.length === 0) return <Empty>Nobody offers or bids now.</Empty>;
  return (
    <>
      <p className="flex items-center gap-2 px-3 py-1 text-compact text-fg3">
        Spread {spread(book.bids[0], book.asks[0], book.tick, digits)} · {formatClock(book.time)}
        {book.simulated ? <Badge tone="sim">SIMULATED</Badge> : null}
      </p>
      <Table
        caption={`Order book of ${symbol}, asks above bids`}
        rows={rungs(book)}
        rowKey={(rung) => `${rung.side}${rung.price}`}
        columns={[
          { head: "Side", cell: (rung) => <Side rung={rung} /> },
          {
            head: "Price",
            right: true,
            cell: (rung) => (
              <span className={rung.side === "bid" ? "text-buy" : "text-down"}>
                {formatNumber(rung.price * book.tick, digits)}
              </span>
            ),
          },
          { head: "Quantity", right: true, cell: (rung) => formatPlain(rung.lots * book.lot) },
          { head: "Depth", cell: (rung) => <Bar rung={rung} /> },
        ]}
      />
    </>
  );
}

function Side({ rung }: { rung: Rung }): ReactNode {
  return <span className="text-fg3">{rung.side === "bid" ? "Bid" : "Ask"}</span>;
}

/** All lots up to this level as a share of the deeper side. */
function Bar({ rung }: { rung: Rung }): ReactNode {
  return (
    <span
      aria-hidden="true"
      className={`block h-3 rounded-cell ${rung.side === "bid" ? "bg-buy/16" : "bg-down/16"}`}
      style={{ width: `${Math.round(rung.share * 100)}%` }}
    />
  );
}

function spread(bid: Level | undefined, ask: Level | undefined, tick: number, digits: number): string {
  return formatNumber(bid && ask ? (ask[0] - bid[0]) * tick : null, digits);
}

function Trades({
  trades,
  tick,
  lot,
  symbol,
}: {
  trades: Print[];
  tick: number;
  lot: number;
  symbol: string;
}): ReactNode {
  return (
    <Table
      caption={`Trades of ${symbol} at this venue, newest first`}
      rows={trades}
      rowKey={(trade) => String(trade.seq)}
      columns={[
        { head: "Time", cell: (trade) => formatClock(trade.time) },
        {
          head: "Taker",
          cell: (trade) => (
            <span className={trade.taker === "buy" ? "text-buy" : "text-down"}>
              {trade.taker === "buy" ? "Buy" : "Sell"}
            </span>
          ),
        },
        {
          head: "Price",
          right: true,
          cell: (trade) => formatNumber(trade.price * tick, tickDigits(tick)),
        },
        { head: "Quantity", right: true, cell: (trade) => formatPlain(trade.lots * lot) },
      ]}
    />
  );
}
