import { describe, expect, it } from "vitest";
import type { StrategyName, Study } from "@/client/queries-research";
import { frameAround, percentOf, stretchBoxes, tintOf } from "./lib/draw";
import { EMPTY_STUDY, fieldsOf, readStudy, stepStates } from "./lib/form";

const STRATEGIES: StrategyName[] = [
  {
    name: "moving_average",
    title: "moving-average crossover",
    learned: false,
    knobs: { fast: 20, slow: 100 },
  },
  { name: "lstm", title: "recurrent network (LSTM)", learned: true, knobs: {} },
];
const ASKED: Study["asked"] = {
  strategy: "lstm",
  instruments: ["XNAS:AAPL"],
  years: 10,
  start: "",
  end: "",
  base: "USD",
  knobs: {},
  goal: "",
  free: false,
};
const RUNNING: Study = {
  id: "1",
  at: "2026-11-28T20:00:00Z",
  state: "running",
  asked: ASKED,
  step: "proof",
  runs: 3,
  error: "",
  result: null,
};

describe("readStudy", () => {
  it("sends knobs that were turned, and instruments in one order", () =>
    expect(
      readStudy(
        { ...EMPTY_STUDY, picked: ["XNYS:KO", "XNAS:AAPL"], knobs: { fast: "10", slow: " " } },
        STRATEGIES,
      ),
    ).toMatchObject({ instruments: ["XNAS:AAPL", "XNYS:KO"], knobs: { fast: 10 }, years: 10, goal: "" }));

  it("sends no knobs with a goal", () =>
    expect(readStudy({ ...EMPTY_STUDY, goal: "sharpe", knobs: { fast: "10" } }, STRATEGIES)).toMatchObject({
      knobs: {},
      goal: "sharpe",
    }));

  it("asks an arm that learns for years alone", () =>
    expect(
      readStudy({ ...EMPTY_STUDY, strategy: "lstm", start: "2015-01-01", free: true }, STRATEGIES),
    ).toEqual({
      strategy: "lstm",
      instruments: ["XNAS:AAPL"],
      years: 10,
    }));

  it.each([
    [{ picked: [] }, "at least one instrument"],
    [{ years: "0" }, "1 to 40"],
    [{ years: "ten" }, "1 to 40"],
    [{ knobs: { fast: "2.5" } }, "fast must be"],
    [{ strategy: "lstm", picked: ["A", "B"] }, "on one instrument"],
    [{ strategy: "none" }, "Choose a strategy"],
  ])("refuses %o with a sentence", (part, words) =>
    expect(readStudy({ ...EMPTY_STUDY, ...part }, STRATEGIES)).toContain(words),
  );

  it("reads a kept study's form back", () =>
    expect(
      fieldsOf({ ...ASKED, strategy: "moving_average", instruments: ["A"], knobs: { fast: 5 } }),
    ).toMatchObject({
      picked: ["A"],
      knobs: { fast: "5" },
      years: "10",
    }));
});

describe("stepStates", () => {
  it("begins with data", () => expect(stepStates(false, undefined)).toEqual(["now", "open", "open", "open"]));
  it("stands where the study stands", () =>
    expect(stepStates(true, RUNNING)).toEqual(["done", "done", "now", "open"]));
  it("ends with the sheet", () =>
    expect(stepStates(true, { ...RUNNING, state: "done" })).toEqual(["done", "done", "done", "done"]));
  it("says where it failed", () =>
    expect(stepStates(true, { ...RUNNING, state: "failed" })).toEqual(["done", "done", "failed", "open"]));
});

describe("drawing", () => {
  it("keeps zero and every value inside", () => {
    const frame = frameAround([0.5, 2]);
    expect(percentOf(frame, 0)).toBeGreaterThan(0);
    expect(percentOf(frame, 2)).toBeLessThan(100);
    expect(percentOf(frame, 99)).toBe(100);
  });
  it("gives the whole span to stretches that cover it", () => {
    const boxes = stretchBoxes(
      [
        { start: "2020-01-01", end: "2020-01-01" },
        { start: "2020-01-02", end: "2020-01-10" },
      ],
      "2020-01-01",
      "2020-01-10",
    );
    expect(boxes[0]).toEqual({ left: 0, width: 10 });
    expect((boxes[1]?.left ?? 0) + (boxes[1]?.width ?? 0)).toBeCloseTo(100);
  });
  it("tints more for more, either way", () => {
    expect(tintOf(0)).toBe(0);
    expect(tintOf(-0.25)).toBe(tintOf(0.25));
    expect(tintOf(0.25)).toBeLessThan(tintOf(0.6));
    expect(tintOf(1)).toBe(tintOf(0.6));
  });
});
