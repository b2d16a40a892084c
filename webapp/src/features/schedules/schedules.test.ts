import { describe, expect, it } from "vitest";
import { EMPTY_FIELDS, readSchedule, type ScheduleFields } from "./lib/form";
import { filled, percent, planned, stair } from "./lib/steps";

const FIELDS: ScheduleFields = {
  ...EMPTY_FIELDS,
  account: "desk-1",
  instrument: "XNAS:AAPL",
  quantity: "1,000",
};

describe("the form of a schedule", () => {
  it("sends only what its kind uses", () => {
    expect(readSchedule(FIELDS)).toEqual({
      account: "desk-1",
      instrument: "XNAS:AAPL",
      side: "buy",
      kind: "twap",
      quantity: 1000,
      minutes: 30,
      max_shown_pct: 25,
    });
    expect(readSchedule({ ...FIELDS, kind: "pov" })).toMatchObject({ participation_pct: 10 });
    expect(readSchedule({ ...FIELDS, kind: "shortfall", urgency: "high" })).toMatchObject({
      urgency: "high",
    });
    expect(readSchedule({ ...FIELDS, slices: "6", limit: "180.5" })).toMatchObject({
      slices: 6,
      limit_price: 180.5,
    });
  });

  it("says which field is wrong", () => {
    expect(readSchedule({ ...FIELDS, quantity: "-1" })).toMatch(/^Quantity/);
    expect(readSchedule({ ...FIELDS, minutes: "" })).toMatch(/^Minutes/);
    expect(readSchedule({ ...FIELDS, slices: "2.5" })).toMatch(/^Slices/);
    expect(readSchedule({ ...FIELDS, limit: "x" })).toMatch(/limit/);
    expect(readSchedule({ ...FIELDS, shown: "101" })).toMatch(/shown volume/);
    expect(readSchedule({ ...FIELDS, kind: "pov", participation: "51" })).toMatch(/^Participation/);
  });
});

describe("planned against filled", () => {
  const plan = [
    { at: "2024-03-01T15:15:00Z", quantity: 50, total: 50 },
    { at: "2024-03-01T15:45:00Z", quantity: 50, total: 100 },
  ];
  const start = new Date("2024-03-01T15:00:00Z").getTime();
  const box = { start, end: start + 3_600_000, most: 100, width: 400, height: 100 };

  it("draws a stair that rises where a slice is due", () => {
    expect(stair(planned(plan), box, box.end)).toBe("M0 100.0H100.0V50.0H300.0V0.0H400.0");
    expect(stair([], box, start + 1_800_000)).toBe("M0 100.0H200.0");
  });

  it("adds up what children filled and leaves out what did not", () => {
    const child = {
      n: 1,
      client_id: "c",
      quantity: 50,
      limit_price: 1,
      outcome: "sent",
      state: "",
      reason: "",
    };
    const orders = [0, 30, 20].map((amount, n) => ({
      ...child,
      at: plan[0]?.at ?? "",
      filled: amount,
      average_price: null,
      n,
    }));
    expect(filled(orders).map((each) => each.total)).toEqual([30, 50]);
  });

  it("tells progress in whole per cent", () => {
    expect([percent(1, 3), percent(5, 4), percent(1, 0)]).toEqual([33, 100, 0]);
  });
});
