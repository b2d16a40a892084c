import { describe, expect, it } from "vitest";
import type { Strategy } from "@/client/contract";
import {
  type BotFields,
  influenceWords,
  type MandateFields,
  parametersOf,
  readBot,
  readMandate,
} from "./lib/form";

const STRATEGY: Strategy = {
  name: "momentum",
  title: "Momentum",
  about: "",
  parameters: {
    properties: {
      lookback: { type: "integer", default: 15, description: "bars looked back" },
      short: { type: "boolean", default: false },
    },
  },
};

const BOT: BotFields = {
  account: "desk-1",
  strategy: "momentum",
  universe: ["XNAS:AAPL"],
  most: "20,000",
  maxLoss: "500",
  barMinutes: "1",
  mandate: "",
  parameters: {},
};

const MANDATE: MandateFields = {
  account: "desk-1",
  universe: ["XNAS:AAPL"],
  strategies: ["momentum"],
  budget: "100,000",
  daily: "50000",
  perOrder: "10000",
  ordersADay: "20",
  maxLoss: "2000",
  opens: "14:30",
  closes: "20:00",
  days: "1",
  dryRun: false,
};

describe("the form of a bot", () => {
  const known = parametersOf(STRATEGY);

  it("asks for what the strategy takes", () => {
    expect(known.map((each) => [each.name, each.usual, each.flag])).toEqual([
      ["lookback", "15", false],
      ["short", "false", true],
    ]);
  });

  it("sends only what was typed", () => {
    expect(readBot(BOT, known)).toMatchObject({ most: "20000", parameters: {}, mandate: "" });
    const typed = { ...BOT, parameters: { lookback: "3", short: "true" } };
    expect(readBot(typed, known)).toMatchObject({ parameters: { lookback: 3, short: true } });
  });

  it("says what is wrong", () => {
    expect(readBot({ ...BOT, universe: [] }, known)).toMatch(/instrument/);
    expect(readBot({ ...BOT, most: "0" }, known)).toMatch(/above 0/);
    expect(readBot({ ...BOT, parameters: { lookback: "many" } }, known)).toMatch(/not a number/);
  });
});

describe("the form of a mandate", () => {
  it("counts its days from now", () => {
    expect(readMandate(MANDATE, 0)).toMatchObject({
      expires_at: "1970-01-02T00:00:00.000Z",
      budget: "100000",
    });
  });

  it("says what is wrong", () => {
    expect(readMandate({ ...MANDATE, strategies: [] }, 0)).toMatch(/strategy/);
    expect(readMandate({ ...MANDATE, daily: "-1" }, 0)).toMatch(/Each day/);
    expect(readMandate({ ...MANDATE, days: "1000" }, 0)).toMatch(/366/);
  });
});

describe("influence", () => {
  it("shows the strongest source first, with its sign", () => {
    expect(influenceWords({ wire: 0.1, post: -0.4 })).toEqual(["post −0.40", "wire +0.10"]);
  });
});
