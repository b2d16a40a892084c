import type { Book, Level } from "@/client/market";

/** One price of the ladder; `share` is all lots up to it, best price first, over those of the deeper side. */
export interface Rung {
  side: "bid" | "ask";
  price: number;
  lots: number;
  share: number;
}

const SHOWN = 10;

function climb(side: Rung["side"], levels: Level[], most: number): Rung[] {
  let sum = 0;
  return levels.map(([price, lots]) => {
    sum += lots;
    return { side, price, lots, share: sum / most };
  });
}

/** The ten best levels of each side in the order of prices, highest first. */
export function rungs(book: Book): Rung[] {
  const bids = book.bids.slice(0, SHOWN);
  const asks = book.asks.slice(0, SHOWN);
  const total = (levels: Level[]) => levels.reduce((sum, [, lots]) => sum + lots, 0);
  const most = Math.max(total(bids), total(asks), 1);
  return [...climb("ask", asks, most).reverse(), ...climb("bid", bids, most)];
}
