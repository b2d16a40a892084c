import { describe, expect, it } from "vitest";
import { rungs } from "@/features/desk/lib/ladder";
import { applyBook, applyTape, type Book, type BookFrame, type TradesFrame } from "./market";

const at = "2024-03-01T15:00:00.000000Z";
const whole: BookFrame = {
  type: "snapshot",
  channel: "book",
  instrument: "XNAS:AAPL",
  n: 7,
  time: at,
  tick: "0.01",
  lot: "1",
  simulated: true,
  bids: [
    [100, 5],
    [99, 7],
  ],
  asks: [[102, 3]],
};
const diff = (n: number, bids: [number, number][], asks: [number, number][] = []): BookFrame => ({
  type: "diff",
  channel: "book",
  instrument: "XNAS:AAPL",
  n,
  time: at,
  bids,
  asks,
});

function book(...frames: BookFrame[]): Book {
  let found: Book | null = null;
  for (const frame of frames) {
    const next = applyBook(found, frame);
    if (next === "gap") throw new Error(`gap at ${frame.n}`);
    found = next;
  }
  if (!found) throw new Error("no frames");
  return found;
}

describe("an order book", () => {
  it("takes changed levels, forgets those without lots, and stays in order", () => {
    const found = book(
      whole,
      diff(
        8,
        [
          [100, 0],
          [101, 2],
          [99, 9],
        ],
        [[101, 1]],
      ),
    );
    expect(found.bids).toEqual([
      [101, 2],
      [99, 9],
    ]);
    expect(found.asks).toEqual([
      [101, 1],
      [102, 3],
    ]);
    expect([found.tick, found.lot, found.simulated, found.n]).toEqual([0.01, 1, true, 8]);
  });
  it("notices a number that does not follow, and a snapshot mends it", () => {
    expect(applyBook(book(whole), diff(9, []))).toBe("gap");
    expect(applyBook(null, diff(8, []))).toBe("gap");
    expect(applyBook(book(whole), { ...whole, n: 40 })).toMatchObject({ n: 40 });
  });
  it("becomes a ladder from the highest ask down, each rung with the lots up to it", () => {
    expect(rungs(book(whole)).map((rung) => [rung.side, rung.price, rung.share])).toEqual([
      ["ask", 102, 3 / 12],
      ["bid", 100, 5 / 12],
      ["bid", 99, 1],
    ]);
  });
});

describe("a tape", () => {
  const print = (seq: number) => ({
    seq,
    price: 100,
    lots: 1,
    taker: "buy" as const,
    time: at,
    simulated: false,
  });
  const first: TradesFrame = {
    type: "snapshot",
    channel: "trades",
    instrument: "XNAS:AAPL",
    n: 1,
    tick: "0.01",
    lot: "1",
    trades: [print(1), print(2)],
  };
  it("holds the newest fifty, newest first", () => {
    const start = applyTape(null, first);
    if (start === "gap") throw new Error("gap");
    const many = Array.from({ length: 60 }, (_, index) => print(index + 3));
    const next = applyTape(start, { ...first, type: "diff", n: 2, trades: many });
    if (next === "gap") throw new Error("gap");
    expect([next.trades.length, next.trades[0]?.seq, next.n]).toEqual([50, 62, 2]);
    expect(applyTape(next, { ...first, type: "diff", n: 4, trades: [] })).toBe("gap");
  });
});
