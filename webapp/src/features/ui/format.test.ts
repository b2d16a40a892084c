import { describe, expect, it } from "vitest";
import {
  formatChange,
  formatLeft,
  formatMoney,
  formatMs,
  formatNumber,
  formatPercent,
  formatPlain,
  formatTime,
  tickDigits,
} from "./format";

describe("numbers", () => {
  it.each([
    [0.01, 2],
    [0.00001, 5],
    [1, 0],
    [0.25, 2],
    [0, 2],
    [Number.NaN, 2],
  ])("a step of %s needs %s decimals", (tick, digits) => expect(tickDigits(tick)).toBe(digits));

  it.each([
    [1234.5, "1,234.50"],
    [-0.001, "0.00"],
    [-3, "\u22123.00"],
    [null, "—"],
    [Number.NaN, "—"],
  ])("writes %s as %s", (value, text) => expect(formatNumber(value)).toBe(text));

  it("signs changes, but not zero", () => {
    expect(formatChange(1.5)).toBe("+1.50");
    expect(formatChange(-1.5)).toBe("\u22121.50");
    expect(formatChange(0.001)).toBe("0.00");
    expect(formatPercent(-0.25)).toBe("\u22120.25 %");
    expect(formatPercent(null)).toBe("—");
  });

  it("never shows an unknown amount as zero", () => {
    expect(formatMoney(null, "USD")).toBe("—");
    expect(formatMoney(0, "USD")).toBe("0.00 USD");
    expect(formatPlain(383285000000)).toBe("383,285,000,000");
    expect(formatPlain("")).toBe("—");
  });
});

describe("times", () => {
  it.each([
    [250_000, "4:10"],
    [3_700_000, "1:01:40"],
    [-5, "0:00"],
  ])("%s ms left is %s", (ms, text) => expect(formatLeft(ms)).toBe(text));

  it("prints the zone and refuses nonsense", () => {
    expect(formatTime("2024-03-01T14:32:07Z")).toBe("2024-03-01 14:32:07 UTC");
    expect(formatTime("soon")).toBe("—");
    expect(formatMs(3.21)).toBe("3.2 ms");
    expect(formatMs(2500)).toBe("2.5 s");
  });
});
