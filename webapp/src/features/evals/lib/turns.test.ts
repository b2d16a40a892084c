import { expect, test } from "vitest";
import type { Turns } from "@/client/queries-agents";
import { fallbacks, perTurn, spread, usd } from "./turns";

const row: Turns = {
  agent: "risk",
  prompt: "risk.v2",
  asked: "quick",
  turns: 4,
  first_ms: { p50: null, p95: null },
  total_ms: { p50: 90, p95: 1500 },
  tokens_in: 1,
  tokens_out: 1,
  cost_usd: 0.002,
  fallbacks: 0,
  reasons: [],
};

test("money keeps four digits below a dollar", () => {
  expect([usd(0), usd(0.00001812), usd(0.123456), usd(12.345), usd(null)]).toEqual([
    "0",
    "0.00001812",
    "0.1235",
    "12.35",
    "—",
  ]);
});

test("very small money is never written with an exponent", () => {
  expect(usd(0.0000000123)).toBe("0.0000000123");
});

test("a mean of no turns is none", () => {
  expect(perTurn(row)).toBe(0.0005);
  expect(perTurn({ ...row, turns: 0 })).toBeNull();
});

test("percentiles stand side by side, or a dash", () => {
  expect([spread(row.total_ms), spread(row.first_ms)]).toEqual(["90 ms / 1.5 s", "—"]);
});

test("falling back names its most frequent reason", () => {
  const fell = { ...row, fallbacks: 3, reasons: [{ reason: "quick: late", turns: 2 }] };
  expect([fallbacks(row), fallbacks(fell), fallbacks({ ...row, asked: null })]).toEqual([
    "0 %",
    "75 %: quick: late (2)",
    "—",
  ]);
});
