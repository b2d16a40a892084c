import { describe, expect, it } from "vitest";
import { lookText, rhythmText } from "./lib/looks";

const LAST = {
  at: "",
  bars: 1200,
  headlines: 7,
  forms: 0,
  announcements: 3,
  alerts: 2,
  fresh: ["ma-1"],
  fault: "",
};

describe("the desk's own looks", () => {
  it("tell how often", () =>
    expect([0, 90, 900].map(rhythmText)).toEqual(["only when asked", "every 90 s", "every 15 min"]));
  it("tell what was read and what came of it", () =>
    expect(lookText(LAST, String)).toBe("1200 bars, 7 headlines, 0 forms; 2 alerts, 1 new cases"));
  it("tell why one failed and no figures then", () =>
    expect(lookText({ ...LAST, fault: "the clock is lost" }, String)).toBe("failed: the clock is lost"));
});
