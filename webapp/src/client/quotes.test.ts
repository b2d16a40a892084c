import { beforeEach, describe, expect, it } from "vitest";
import type { Quote } from "./contract";
import { backoffMs, checkSequence, useLive } from "./quotes";

const quote = (instrument: string, last: number): Quote => ({
  instrument,
  bid: last,
  ask: last,
  last,
  change: 0,
  change_pct: 0,
  time: "2022-12-28T15:00:00Z",
  simulated: false,
});

describe("the quote store", () => {
  beforeEach(() =>
    useLive.setState({ quotes: {}, clocks: [], heardAt: 0, link: "connecting", paused: false }),
  );

  it("replaces all on a snapshot and merges changed ones after it", () => {
    const live = useLive.getState();
    live.apply([quote("OLD", 1)], undefined, 1);
    live.snapshot([quote("A", 1), quote("B", 2)], [{ asset_class: "stocks", time: "t", mode: "replay" }], 5);
    live.apply([quote("B", 3)], undefined, 9);
    const state = useLive.getState();
    expect(Object.keys(state.quotes)).toEqual(["A", "B"]);
    expect(state.quotes.B?.last).toBe(3);
    expect(state.clocks).toHaveLength(1);
    expect(state.heardAt).toBe(9);
    expect(state.link).toBe("live");
  });

  it("keeps the shown quotes while paused, but still hears the stream", () => {
    const live = useLive.getState();
    live.snapshot([quote("A", 1)], [], 1);
    live.togglePause();
    live.apply([quote("A", 2)], undefined, 7);
    expect(useLive.getState().quotes.A?.last).toBe(1);
    expect(useLive.getState().heardAt).toBe(7);
  });
});

describe("the clocks", () => {
  const at = (time: string) => [{ asset_class: "stocks", time, mode: "replay" }];

  it("stay the same array within a minute, so that a frame redraws nothing", () => {
    const live = useLive.getState();
    live.snapshot([], at("2022-12-28T15:00:01Z"), 1);
    const first = useLive.getState().clocks;
    live.apply([], at("2022-12-28T15:00:59Z"), 2);
    expect(useLive.getState().clocks).toBe(first);
    live.apply([], at("2022-12-28T15:01:00Z"), 3);
    expect(useLive.getState().clocks).not.toBe(first);
    live.apply([], [], 4);
    expect(useLive.getState().clocks).toHaveLength(1);
  });
});

describe("the sequence", () => {
  it("accepts the first frame and the next, and calls anything else a gap", () => {
    expect(checkSequence(null, 40)).toBe("ok");
    expect(checkSequence(40, 41)).toBe("ok");
    expect(checkSequence(41, 43)).toBe("gap");
    expect(checkSequence(41, 41)).toBe("gap");
  });

  it("backs off from one second to thirty", () => {
    expect([0, 1, 2, 9].map(backoffMs)).toEqual([1000, 2000, 4000, 30_000]);
  });
});
