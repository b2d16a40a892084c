/** The lines of WS /v1/market/stream as this browser keeps them: a snapshot, then diffs numbered without gap. */

/** Price in whole ticks, quantity in whole lots. */
export type Level = [price: number, lots: number];

export interface Print {
  seq: number;
  price: number;
  lots: number;
  taker: "buy" | "sell";
  time: string;
  simulated: boolean;
}

interface Head {
  type: "snapshot" | "diff";
  instrument: string;
  n: number;
}
export interface BookFrame extends Head {
  channel: "book";
  time: string;
  tick?: string;
  lot?: string;
  simulated?: boolean;
  bids: Level[];
  asks: Level[];
}
export interface TradesFrame extends Head {
  channel: "trades";
  tick?: string;
  lot?: string;
  trades: Print[];
}
export type MarketFrame =
  | BookFrame
  | TradesFrame
  | { type: "heartbeat"; sent: number }
  | { type: "subscribed"; channel: string; instruments: string[] }
  | { type: "error"; code: string; message: string };

export interface Book {
  n: number;
  time: string;
  tick: number;
  lot: number;
  simulated: boolean;
  /** Best first. */
  bids: Level[];
  asks: Level[];
}

export interface Tape {
  n: number;
  tick: number;
  lot: number;
  /** Newest first. */
  trades: Print[];
}

const TAPE = 50;

function changed(side: Level[], levels: Level[], down: boolean): Level[] {
  const lots = new Map(side);
  for (const [price, quantity] of levels) {
    if (quantity === 0) lots.delete(price);
    else lots.set(price, quantity);
  }
  return [...lots].sort(([a], [b]) => (down ? b - a : a - b));
}

/** The book after a frame; "gap" when the frame does not follow it: ask for a snapshot. */
export function applyBook(book: Book | null, frame: BookFrame): Book | "gap" {
  if (frame.type === "snapshot") {
    return {
      n: frame.n,
      time: frame.time,
      tick: Number(frame.tick),
      lot: Number(frame.lot),
      simulated: frame.simulated ?? false,
      bids: frame.bids,
      asks: frame.asks,
    };
  }
  if (book === null || frame.n !== book.n + 1) return "gap";
  const bids = changed(book.bids, frame.bids, true);
  return { ...book, n: frame.n, time: frame.time, bids, asks: changed(book.asks, frame.asks, false) };
}

/** The tape after a frame; "gap" when the frame does not follow it. */
export function applyTape(tape: Tape | null, frame: TradesFrame): Tape | "gap" {
  const newest = [...frame.trades].reverse();
  if (frame.type === "snapshot") {
    return { n: frame.n, tick: Number(frame.tick), lot: Number(frame.lot), trades: newest };
  }
  if (tape === null || frame.n !== tape.n + 1) return "gap";
  return { ...tape, n: frame.n, trades: [...newest, ...tape.trades].slice(0, TAPE) };
}
