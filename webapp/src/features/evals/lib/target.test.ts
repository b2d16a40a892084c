import { describe, expect, it } from "vitest";
import type { Answer } from "@/client/contract";
import { pointsText } from "./metrics";
import { proposeId, proposeTarget, readTarget } from "./target";

const answer = (more: object) =>
  ({
    agents: ["risk"],
    facts: [],
    citations: [],
    approval: null,
    refusal: null,
    abstained: false,
    ...more,
  }) as unknown as Answer;

describe("a target from an answer", () => {
  it("takes agents, facts once each, the first source and the proposal", () => {
    const made = proposeTarget(
      answer({
        facts: [{ value: 7 }, { value: 7 }, { value: 8 }],
        citations: [{ document: "A 10-K" }],
        approval: { orders: [{ side: "buy", quantity: "50", instrument: "XNAS:AAPL" }] },
      }),
    );
    expect(made).toEqual({
      agents: ["risk"],
      facts: [7, 8],
      cites: "A 10-K",
      approval: "buy 50 XNAS:AAPL",
    });
  });
  it("of a refusal and of an abstention asks for just that", () => {
    expect(proposeTarget(answer({ refusal: { rule: "lot" } }))).toEqual({
      agents: ["risk"],
      refuses: "lot",
      approval: null,
    });
    expect(proposeTarget(answer({ abstained: true, facts: [{ value: 7 }] }))).toEqual({
      agents: ["risk"],
      abstains: true,
    });
  });
  it("has an id of the question's words", () => {
    expect(proposeId("How volatile is Exxon, in 2022, really?", "abcdef")).toBe(
      "how-volatile-is-exxon-in-abcd",
    );
    expect(proposeId("¿?", "abcdef")).toBe("abcd");
  });
  it("says what is wrong with a typed one", () => {
    expect(readTarget('{"abstains": true}')).toEqual({ target: { abstains: true } });
    expect(readTarget("{")).toHaveProperty("fault");
    expect(readTarget("[]")).toHaveProperty("fault");
    expect(readTarget("{}")).toEqual({ fault: "Without a target the case cannot fail." });
  });
});

describe("a difference", () => {
  it("is shown in points with its sign", () => {
    expect(pointsText(0.351)).toBe("+35.1");
    expect(pointsText(-0.05)).toBe("−5.0");
    expect(pointsText(0)).toBe("+0.0");
  });
});
