import { describe, expect, it } from "vitest";
import type { Alert } from "@/client/contract-desk";
import { NOBODY, queueOf } from "./lib/queue";

const alert = (id: string, priority: number, rest: Partial<Alert> = {}): Alert => ({
  id,
  kind: "laundering",
  instrument: "",
  typology: "cycle",
  title: id,
  accounts: [],
  amount: 1,
  currency: "USD",
  start: "2024-11-01T00:00:00Z",
  end: "2024-11-02T00:00:00Z",
  rules: [],
  score: 1,
  state: "open",
  transfers: 1,
  assignee: "",
  priority,
  thresholds: 0,
  found: true,
  into: "",
  verdict: "",
  ...rest,
});
const ALL = { kind: "", typology: "", state: "", assignee: "" };

describe("the queue", () => {
  const alerts = [
    alert("a", 10, { assignee: "carl" }),
    alert("b", 90, { typology: "fan_out" }),
    alert("c", 90, { end: "2024-11-09T00:00:00Z", state: "escalated" }),
  ];
  const ids = (by: Partial<typeof ALL>) => queueOf(alerts, { ...ALL, ...by }).map((each) => each.id);
  it("is by priority, then by the latest movement", () => expect(ids({})).toEqual(["c", "b", "a"]));
  it("is in the desk's order where there is one, the rest behind it", () =>
    expect(queueOf(alerts, ALL, ["a", "b"]).map((each) => each.id)).toEqual(["a", "b", "c"]));
  it("narrows by typology, state and officer at once", () => {
    expect(ids({ typology: "cycle" })).toEqual(["c", "a"]);
    expect(ids({ assignee: NOBODY, state: "open" })).toEqual(["b"]);
    expect(ids({ assignee: "carl", typology: "fan_out" })).toEqual([]);
  });
  it("tells market cases from the others", () => {
    const market = alert("m", 50, { kind: "market", typology: "spoofing", instrument: "XNAS:AAPL" });
    const of = (kind: string) => queueOf([...alerts, market], { ...ALL, kind }).map((each) => each.id);
    expect(of("market")).toEqual(["m"]);
    expect(of("laundering")).toEqual(["c", "b", "a"]);
    expect(of("")).toEqual(["c", "b", "m", "a"]);
  });
});
