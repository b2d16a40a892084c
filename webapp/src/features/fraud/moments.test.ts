import { describe, expect, it } from "vitest";
import { momentsOf, standingAt } from "./lib/moments";

const edge = (id: string, time: string, amount: number) => ({ id, source: "a", target: "b", amount, time });

describe("the time slider", () => {
  const edges = [
    edge("late", "2024-11-03T00:00:00Z", 30),
    edge("first", "2024-11-01T00:00:00Z", 10),
    edge("twin", "2024-11-01T00:00:00Z", 5),
  ];
  it("stops once at each moment, oldest first", () =>
    expect(momentsOf(edges)).toEqual(["2024-11-01T00:00:00Z", "2024-11-03T00:00:00Z"]));
  it("tells what came later and what had moved", () => {
    const early = standingAt(edges, "2024-11-01T00:00:00Z");
    expect([...early.later]).toEqual(["late"]);
    expect([early.done, early.moved]).toEqual([2, 15]);
    expect(standingAt(edges, "2024-11-03T00:00:00Z").later.size).toBe(0);
    expect(standingAt([], "2024-11-03T00:00:00Z")).toEqual({ later: new Set(), done: 0, moved: 0 });
  });
});
