import { describe, expect, it } from "vitest";
import { parseCommand } from "./grammar";

const INSTRUMENTS = [
  { id: "XNAS:NVDA", symbol: "NVDA" },
  { id: "BNCE:BTCUSDT", symbol: "BTCUSDT" },
];
const parse = (text: string) => parseCommand(text, INSTRUMENTS);

describe("parseCommand", () => {
  it("reads nothing as nothing", () => expect(parse("   ")).toBeNull());

  it("reads symbols with a view", () => {
    expect(parse("nvda")).toEqual({ kind: "symbol", instrument: "XNAS:NVDA", range: null });
    expect(parse("xnas:nvda 6m")).toEqual({ kind: "symbol", instrument: "XNAS:NVDA", range: "6M" });
    expect(parse("nvda fil")).toMatchObject({ kind: "go", path: "/filings/?find=NVDA" });
  });

  it.each(["buy 400 nvda @ 182.43", "buy 400 NVDA @182.43 day", "BUY 400 nvda day @ 182.43"])(
    "reads %s",
    (text) =>
      expect(parse(text)).toMatchObject({
        kind: "order",
        side: "buy",
        quantity: 400,
        instrument: "XNAS:NVDA",
        price: 182.43,
      }),
  );

  it("reads market orders with and without @ mkt", () => {
    expect(parse("sell 1,000 nvda @ mkt")).toMatchObject({ side: "sell", quantity: 1000, price: null });
    expect(parse("sell 0.5 btcusdt")).toMatchObject({ quantity: 0.5, price: null });
  });

  it.each([
    "buy",
    "buy -3 nvda",
    "buy 4 xyz",
    "buy 4 nvda @ abc",
    "buy 4 nvda @ 0",
    "buy 4 nvda gtc",
    "foo",
    "go",
    "go moon",
    "nvda 7w",
    "case",
    "halt bot",
    "?",
  ])("refuses %s with a reason", (text) => {
    const command = parse(text);
    expect(command?.kind).toBe("unknown");
    expect(command).toHaveProperty("reason", expect.stringMatching(/.{5}/));
  });

  it("reads places, ids, the halt switch and questions", () => {
    expect(parse("go chat")).toEqual({ kind: "go", path: "/chat/", name: "Chat" });
    expect(parse("case 118")).toMatchObject({ path: "/fraud/?id=118" });
    expect(parse("proposal P-31")).toMatchObject({ path: "/approvals/?id=P-31" });
    expect(parse("halt desk")).toEqual({ kind: "halt" });
    expect(parse("resume")).toEqual({ kind: "resume" });
    expect(parse("? what drives margin")).toEqual({ kind: "ask", question: "what drives margin" });
  });
});
