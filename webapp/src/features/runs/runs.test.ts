import { describe, expect, it } from "vitest";
import type { FactOrigin, RunFact, RunPart } from "@/client/queries-runs";
import { parseCommand } from "@/features/shell/lib/grammar";
import { barOf, factsOf, pretty, reference, runPath } from "./lib/run";

const fact = (id: string, agent: string, used_by: string[]) => ({ id, agent, used_by }) as RunFact;
const part = (ms: number) => ({ ms }) as RunPart;

describe("a run", () => {
  it("has an address, and each of its facts too", () => {
    expect(runPath("ab12")).toBe("/runs/?id=ab12");
    expect(runPath("ab12", "a&b")).toBe("/runs/?id=ab12&fact=a%26b");
    expect(parseCommand("trace ab12", [])).toMatchObject({ kind: "go", path: "/runs/?id=ab12" });
  });

  it("gives an agent the facts it registered and those it shows", () => {
    const facts = [fact("a", "risk", []), fact("b", "market_data", ["risk"]), fact("c", "execution", [])];
    expect(factsOf(facts, null)).toHaveLength(3);
    expect(factsOf(facts, "risk").map((each) => each.id)).toEqual(["a", "b"]);
  });

  it("draws times against the longest, and none when nothing took time", () => {
    const parts = [part(50), part(200), part(0)];
    expect(parts.map((each) => barOf(each, parts))).toEqual([25, 100, 0]);
    expect(barOf(part(0), [part(0)])).toBe(0);
  });

  it("writes a reference that names the run, the fact and its hash", () => {
    const of = {
      id: "x",
      label: "AAPL value",
      text: "1 USD",
      source: "book",
      locator: "row",
      as_of: "now",
      hash: "ff",
    };
    expect(reference({ run: "ab12", fact: of } as unknown as FactOrigin)).toBe(
      "AAPL value: 1 USD (book; row; as of now). Tenor run ab12, fact x, SHA-256 ff",
    );
  });

  it("shows arguments on lines, and what is no JSON as it is", () => {
    expect(pretty('{"a":1}')).toBe('{\n "a": 1\n}');
    expect(pretty("a=1")).toBe("a=1");
  });
});
