import { describe, expect, it } from "vitest";
import type { StreamingAlert } from "@/client/contract-desk";
import { runsOf } from "./lib/streaming";

const alert = (id: string, source: string, at: string, ...signs: string[]): StreamingAlert => ({
  id,
  source,
  target: "shop",
  at,
  amount: 10,
  score: 0.7,
  signs,
});

describe("streaming alerts in a row", () => {
  it("are one line as long as sender and signs are the same", () => {
    const found = runsOf([
      alert("5", "ann", "10:05", "velocity"),
      alert("4", "ann", "10:04", "velocity"),
      alert("3", "ann", "10:03", "velocity", "amount"),
      alert("2", "bob", "10:02", "velocity"),
      alert("1", "ann", "10:01", "velocity"),
    ]);
    expect(found.map((run) => [run.last.id, run.first, run.count])).toEqual([
      ["5", "10:04", 2],
      ["3", "10:03", 1],
      ["2", "10:02", 1],
      ["1", "10:01", 1],
    ]);
  });

  it("are none without any", () => {
    expect(runsOf([])).toEqual([]);
  });
});
