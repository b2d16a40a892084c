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

/** The clocks that came, or the very array that is known while their minutes are the same: nothing is redrawn then. */
function renewed(known: Clock[], came: Clock[] | undefined): Clock[] {
  return !came?.length || minutes(came) === minutes(known) ? known : came;
}

const minutes = (clocks: Clock[]): string =>
  JSON.stringify(clocks.map((clock) => ({ ...clock, time: clock.time.slice(0, 16) })));

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
      clocks: renewed(state.clocks, clocks),
      heardAt: at,
      link: "live",
    })),
  apply: (quotes, clocks, at) =>
    set((state) => ({
      quotes: state.paused ? state.quotes : { ...state.quotes, ...byInstrument(quotes) },
      clocks: renewed(state.clocks, clocks),
      heardAt: at,
    })),
  heard: (at) => set({ heardAt: at }),
  setLink: (link, retryAt = 0) => set({ link, retryAt }),
  togglePause: () => set((state) => ({ paused: !state.paused })),
}));

/** When the newest frame came, as it stands at this render: a frame alone redraws nothing, the shared second does. */
export const heardAt = (): number => useLive.getState().heardAt;

/** Next expected sequence; "gap" means frames were lost and the socket must resync. */
export function checkSequence(previous: number | null, seq: number): "ok" | "gap" {
  return previous === null || seq === previous + 1 ? "ok" : "gap";
}

export function backoffMs(attempt: number): number {
  return Math.min(30_000, 1000 * 2 ** Math.min(attempt, 5));
}
