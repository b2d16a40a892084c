/** The live store: newest quote per instrument, market clocks, link state. Written by the one socket only. */
import { create } from "zustand";
import type { Clock, Quote } from "./contract";

export type Link = "connecting" | "live" | "lost";

export interface LiveState {
  quotes: Record<string, Quote>;
  clocks: Clock[];
  link: Link;
  /** Wall time (ms) of the newest frame of any kind; 0 before the first. */
  heardAt: number;
  retryAt: number;
  paused: boolean;
  snapshot: (quotes: Quote[], clocks: Clock[] | undefined, at: number) => void;
  apply: (quotes: Quote[], clocks: Clock[] | undefined, at: number) => void;
  heard: (at: number) => void;
  setLink: (link: Link, retryAt?: number) => void;
  togglePause: () => void;
}

function byInstrument(quotes: Quote[]): Record<string, Quote> {
  return Object.fromEntries(quotes.map((quote) => [quote.instrument, quote]));
}

export const useLive = create<LiveState>()((set) => ({
  quotes: {},
  clocks: [],
  link: "connecting",
  heardAt: 0,
  retryAt: 0,
  paused: false,
  snapshot: (quotes, clocks, at) =>
    set((state) => ({
      quotes: byInstrument(quotes),
      clocks: clocks ?? state.clocks,
      heardAt: at,
      link: "live",
    })),
  apply: (quotes, clocks, at) =>
    set((state) => ({
      quotes: state.paused ? state.quotes : { ...state.quotes, ...byInstrument(quotes) },
      clocks: clocks?.length ? clocks : state.clocks,
      heardAt: at,
    })),
  heard: (at) => set({ heardAt: at }),
  setLink: (link, retryAt = 0) => set({ link, retryAt }),
  togglePause: () => set((state) => ({ paused: !state.paused })),
}));

/** Next expected sequence; "gap" means frames were lost and the socket must resync. */
export function checkSequence(previous: number | null, seq: number): "ok" | "gap" {
  return previous === null || seq === previous + 1 ? "ok" : "gap";
}

export function backoffMs(attempt: number): number {
  return Math.min(30_000, 1000 * 2 ** Math.min(attempt, 5));
}
