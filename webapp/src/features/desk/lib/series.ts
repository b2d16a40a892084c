import type { Bar } from "@/client/contract";

/** Candles only when every bar has all four prices; a source of closes is drawn as a line. */
export function hasCandles(bars: readonly Bar[]): boolean {
  return bars.length > 0 && bars.every((bar) => bar.open !== null && bar.high !== null && bar.low !== null);
}

/** The bar after a live price: the last one widened, a new one on a later day, null when the price is older. */
export function withPrice(last: Bar, price: number, iso: string): Bar | null {
  const day = iso.slice(0, 10);
  if (day < last.time) return null;
  if (day > last.time) return { time: day, open: price, high: price, low: price, close: price };
  return {
    ...last,
    high: last.high === null ? null : Math.max(last.high, price),
    low: last.low === null ? null : Math.min(last.low, price),
    close: price,
  };
}
