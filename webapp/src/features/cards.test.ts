import { describe, expect, it } from "vitest";
import { bandPath, linePath, numbers, roundUp, scale, seriesOf, short } from "./chat/lib/card";
import { metricLines } from "./evals/lib/metrics";
import { citedRows } from "./filings/lib/passage";
import { amount, formatPlain } from "./ui/format";

describe("a card", () => {
  it("draws only series of the right length without holes", () => {
    expect(numbers([1, null, 2])).toEqual([]);
    expect(seriesOf({ a: [1, 2], b: [1], c: "x" }, 2)).toEqual([["a", [1, 2]]]);
    expect(seriesOf(null, 2)).toEqual([]);
  });
  it("maps values into its box", () => {
    const to = scale(3, 0, 10, 100, 50);
    expect(linePath([0, 5, 10], to)).toBe("M0.0 50.0L50.0 25.0L100.0 0.0");
    expect(bandPath([0, 0, 0], [10, 10, 10], to)).toMatch(/Z$/);
    expect(scale(1, 5, 5, 100, 50).x(0)).toBe(50);
  });
  it.each([
    [0, 1],
    [3, 5],
    [1_400_000, 2_000_000],
    [9, 10],
  ])("ends an axis at a round number (%s)", (value, end) => expect(roundUp(value)).toBe(end));
  it("shortens axis words", () =>
    expect([short(1_500_000), short(12), short(0.5)]).toEqual(["1.5 M", "12", "0.5"]));
});

it("folds the bounds of a rate into its interval", () => {
  const metrics = { pass_rate: 0.9, pass_low: 0.8, pass_high: 1, p50_ms: 3 };
  expect(metricLines({ metrics, intervals: { p50_ms: [2, 4] } })).toEqual([
    { name: "pass_rate", value: 0.9, low: 0.8, high: 1 },
    { name: "p50_ms", value: 3, low: 2, high: 4 },
  ]);
  expect(metricLines({ metrics, intervals: {} })).toEqual([
    { name: "pass_rate", value: 0.9, low: 0.8, high: 1 },
    { name: "p50_ms", value: 3, low: null, high: null },
  ]);
});

it("marks the cited rows of a table, and none when the mark is not made of rows", () => {
  const rows = [
    ["Services", "96,169"],
    ["Total net sales", "391,035"],
    ["", ""],
  ];
  expect(citedRows(rows, "Total net sales 391,035")).toEqual([1]);
  expect(citedRows(rows, "391,035")).toEqual([]);
});

it("writes numbers that came as text, and money with two decimals", () => {
  expect(formatPlain("5000000")).toBe("5,000,000");
  expect(formatPlain("not listed")).toBe("not listed");
  expect(amount(6430.5, "USD")).toBe("6,430.50");
  expect(amount("6430.5", "units")).toBe("6,430.5");
});
