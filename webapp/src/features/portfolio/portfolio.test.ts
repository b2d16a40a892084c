import { describe, expect, it } from "vitest";
import { EMPTY_FIELDS, readForm, type WeighFields } from "./lib/form";
import { frameOf, place } from "./lib/frontier";
import { readShock } from "./lib/shock";

const TWO: WeighFields = { ...EMPTY_FIELDS, picked: ["XNAS:AAPL", "XNYS:XOM"] };

describe("the form of a weighing", () => {
  it("sends only what was said", () => {
    expect(readForm(TWO)).toEqual({
      objective: "minimum_variance",
      instruments: ["XNAS:AAPL", "XNYS:XOM"],
      account: "",
      sectors: [],
      views: [],
    });
    expect(
      readForm({ ...TWO, most: "40 %".replace(" ", ""), count: "5", sector: "Energy<=10; Financials>=5" }),
    ).toMatchObject({ most_pct: 40, count: 5, sectors: ["Energy<=10", "Financials>=5"] });
    expect(readForm({ ...TWO, objective: "target_risk", target: "15" })).toMatchObject({ target_pct: 15 });
    expect(readForm({ ...TWO, target: "15" })).not.toHaveProperty("target_pct");
    expect(readForm({ ...TWO, account: "desk-1", turnover: "20", picked: [] })).toMatchObject({
      account: "desk-1",
      turnover_pct: 20,
    });
  });

  it("says which field is wrong", () => {
    expect(readForm({ ...TWO, picked: ["XNAS:AAPL"] })).toMatch(/at least two/);
    expect(readForm({ ...TWO, most: "400" })).toMatch(/^At most/);
    expect(readForm({ ...TWO, least: "x" })).toMatch(/^At least/);
    expect(readForm({ ...TWO, objective: "target_return" })).toMatch(/target is missing/);
    expect(readForm({ ...TWO, count: "2.5" })).toMatch(/whole number/);
    expect(readForm({ ...TWO, turnover: "20" })).toMatch(/choose one/);
  });
});

describe("the frontier's frame", () => {
  const points = [
    { volatility_pct: 10, return_pct: 5 },
    { volatility_pct: 30, return_pct: 25 },
  ];
  it("holds every point with room around it", () => {
    const frame = frameOf(points);
    for (const point of points) {
      const { x, y } = place(frame, { width: 600, height: 180 }, point);
      expect(x).toBeGreaterThan(0);
      expect(x).toBeLessThan(600);
      expect(y).toBeGreaterThan(0);
      expect(y).toBeLessThan(180);
    }
    const [low, high] = points.map((point) => place(frame, { width: 600, height: 180 }, point));
    expect(high?.y).toBeLessThan(low?.y ?? 0);
  });
  it("is no empty box for one point", () => {
    const frame = frameOf([{ volatility_pct: 0.1, return_pct: 3 }]);
    expect(frame.right).toBeGreaterThan(frame.left);
    expect(frame.left).toBe(0);
  });
});

describe("an own scenario", () => {
  it("names each move in per cent, and leaves out what does not move", () => {
    expect(readShock({ equity: "-20", oil: "30", bonds: "", dollar: "0" })).toEqual({
      shock: "equity=-20,oil=30",
      error: "",
    });
    expect(readShock({ equity: "−12,5" }).shock).toBe("equity=-12.5");
  });

  it("says what is no move", () => {
    expect(readShock({}).error).toContain("at least one");
    expect(readShock({ oil: "much" }).error).toContain("Oil");
    expect(readShock({ crypto: "-101" }).error).toContain("between");
  });
});
