import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Order } from "@/client/contract";
import { readChanges } from "./approvals/lib/changes";
import { rootOf } from "./audit/lib/merkle";
import { refuseQuestion } from "./chat/lib/question";
import { foldEvent, newTurn } from "./chat/lib/turn";
import { EMPTY_TERMS, readTicket } from "./desk/lib/draft";
import { hasCandles, withPrice } from "./desk/lib/series";
import { readSpan, sectionAt, splitBlock } from "./filings/lib/passage";
import { HEIGHT, placeNodes, WIDTH } from "./fraud/lib/layout";
import { freshness } from "./shell/lib/freshness";

describe("a question", () => {
  it.each(["", "  \n ", "a\u0000b", "x\ufffd", "é".repeat(50_001)])(
    "is refused with a sentence (%#)",
    (text) => expect(refuseQuestion(text)).toMatch(/\.$/),
  );
  it("passes as text, with tabs and line ends", () => expect(refuseQuestion("a\tb\r\nc é")).toBeNull());
});

describe("a turn", () => {
  it("folds the stream's events", () => {
    let turn = newTurn("q", 1);
    turn = foldEvent(turn, "run", { run: "r", thread: "t" });
    turn = foldEvent(turn, "route", {
      agents: ["risk"],
      by: "classifier",
      ms: 2,
      confidence: 0.4,
      choices: ["risk", "fraud"],
    });
    turn = foldEvent(turn, "step", { agent: "risk", state: "started" });
    turn = foldEvent(turn, "tool", {
      agent: "risk",
      tool: "var",
      arguments: {},
      ok: true,
      ms: 1,
      summary: "s",
    });
    turn = foldEvent(turn, "step", { agent: "compliance", state: "started" });
    turn = foldEvent(turn, "novelty", { any: 1 });
    expect(turn.route).toEqual({ by: "classifier", ms: 2, confidence: 0.4, choices: ["risk", "fraud"] });
    expect(turn.thread).toBe("t");
    expect(turn.steps.map((step) => [step.agent, step.tools.length])).toEqual([
      ["risk", 1],
      ["compliance", 0],
    ]);
    expect(foldEvent(turn, "done", {}).state).toBe("failed");
    expect(foldEvent(turn, "error", { detail: "No." })).toMatchObject({ state: "failed", error: "No." });
    expect(foldEvent(foldEvent(turn, "answer", { answer: "x" }), "done", {}).state).toBe("done");
  });
});

describe("the ticket", () => {
  const fields = {
    ...EMPTY_TERMS,
    side: "buy",
    quantity: "1,000",
    type: "limit",
    limit: "2.5",
    account: "A",
  } as const;
  it("makes an order or names the wrong field", () => {
    expect(readTicket(fields, "I")).toMatchObject({ quantity: 1000, limit_price: 2.5 });
    expect(readTicket({ ...fields, type: "market" }, "I")).not.toHaveProperty("limit_price");
    expect(readTicket({ ...fields, quantity: "x" }, "I")).toMatch(/Quantity/);
    expect(readTicket({ ...fields, limit: "" }, "I")).toMatch(/limit price/);
    expect(readTicket({ ...fields, type: "stop" }, "I")).toMatch(/stop price/);
    expect(readTicket({ ...fields, tif: "gtd" }, "I")).toMatch(/last day/);
    expect(readTicket({ ...fields, display: "x" }, "I")).toMatch(/Shown/);
    const stop = {
      ...fields,
      type: "stop_limit",
      stop: "3",
      tif: "gtd",
      expires: "2026-01-02",
      display: "100",
    } as const;
    expect(readTicket(stop, "I")).toMatchObject({
      stop_price: 3,
      limit_price: 2.5,
      expires: "2026-01-02",
      display: 100,
    });
    expect(readTicket({ ...fields, postOnly: true }, "I")).toMatchObject({ post_only: true });
    expect(readTicket({ ...stop, postOnly: true }, "I")).not.toHaveProperty("post_only");
  });
});

describe("the series", () => {
  const bar = { time: "2024-03-01", open: 1, high: 2, low: 1, close: 2 };
  it("widens the last bar, starts a new day, ignores the past", () => {
    expect(withPrice(bar, 3, "2024-03-01T10:00:00Z")).toMatchObject({ high: 3, low: 1, close: 3 });
    expect(withPrice(bar, 3, "2024-03-02T10:00:00Z")).toMatchObject({ time: "2024-03-02", open: 3 });
    expect(withPrice(bar, 3, "2024-02-28T10:00:00Z")).toBeNull();
    expect(hasCandles([bar])).toBe(true);
    expect(hasCandles([{ ...bar, open: null }])).toBe(false);
  });
});

describe("a passage", () => {
  it("is found and cut out", () => {
    const sections = [0, 100, 200].map((start) => ({ id: `s${start}`, title: "", level: 1, start }));
    expect(sectionAt(sections, 150)?.id).toBe("s100");
    expect(sectionAt([], 1)).toBeNull();
    const block = { text: "0123456789", start: 100, end: 110 };
    expect(splitBlock(block, { start: 102, end: 104 })).toEqual(["01", "23", "456789"]);
    expect(splitBlock(block, { start: 90, end: 103 })).toEqual(["", "012", "3456789"]);
    expect(splitBlock(block, { start: 110, end: 120 })).toBeNull();
    expect(readSpan("5", "9")).toEqual({ start: 5, end: 9 });
    expect(readSpan("9", "5")).toBeNull();
    expect(readSpan(null, "5")).toBeNull();
  });
});

describe("the case graph", () => {
  const nodes = ["a", "b", "c", "d"].map((id) => ({ id, label: id, kind: "account", flagged: false }));
  const edge = (source: string, target: string) => ({
    id: source + target,
    source,
    target,
    amount: 1,
    time: "",
  });
  it.each([
    ["a ring", [edge("a", "b"), edge("b", "c"), edge("c", "d"), edge("d", "a")]],
    ["a fan", [edge("a", "b"), edge("a", "c"), edge("a", "d")]],
    ["no edges", []],
  ])("places %s inside the frame, nobody on top of another", (_name, edges) => {
    const placed = placeNodes(
      nodes,
      edges,
      edges.map((each) => each.id),
    );
    const spots = placed.map((node) => `${node.x.toFixed(1)},${node.y.toFixed(1)}`);
    expect(new Set(spots).size).toBe(4);
    for (const node of placed) {
      expect(node.x).toBeGreaterThan(0);
      expect(node.x).toBeLessThan(WIDTH);
      expect(node.y).toBeGreaterThan(0);
      expect(node.y).toBeLessThan(HEIGHT);
    }
  });
});

describe("freshness", () => {
  it("ages, goes stale, and counts down", () => {
    expect(freshness("live", 1000, 0, 2000)).toMatchObject({ text: "LIVE", stale: false });
    expect(freshness("live", 1000, 0, 5000).text).toMatch(/4 s old/);
    expect(freshness("live", 1000, 0, 12_000)).toMatchObject({ tone: "warn", stale: true });
    expect(freshness("lost", 1000, 15_000, 13_000).text).toMatch(/retry in 2 s/);
    expect(freshness("connecting", 0, 0, 13_000)).toMatchObject({ text: "CONNECTING", stale: true });
  });
});

describe("a Merkle proof", () => {
  it("leads to the root by RFC 6962 inner nodes", async () => {
    const hash = (...parts: Buffer[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
    const one = Buffer.from([1]);
    const [leaf, sibling, uncle] = [1, 2, 3].map((byte) => hash(Buffer.from([0, byte]))) as [
      Buffer,
      Buffer,
      Buffer,
    ];
    const root = hash(one, uncle, hash(one, leaf, sibling)).toString("hex");
    const proof = {
      seq: 0,
      size: 3,
      leaf_hash: leaf.toString("hex"),
      root,
      path: [
        { hash: sibling.toString("hex"), side: "right" as const },
        { hash: uncle.toString("hex"), side: "left" as const },
      ],
    };
    expect(await rootOf(proof)).toBe(root);
    expect(await rootOf({ ...proof, leaf_hash: uncle.toString("hex") })).not.toBe(root);
  });
});

describe("changes of a proposal", () => {
  const order = { client_id: "ap-1-1", quantity: 50, limit_price: 180 } as Order;
  const row = { id: "ap-1-1", name: "buy AAPL", quantity: "50", limit: "180" };

  it("are only what differs", () => {
    expect(readChanges([{ ...row, quantity: "1,030" }], [order])).toEqual([
      { client_id: "ap-1-1", quantity: 1030 },
    ]);
    expect(readChanges([{ ...row, limit: "179.5" }], [order])).toEqual([
      { client_id: "ap-1-1", limit_price: 179.5 },
    ]);
  });

  it("say when there are none, or a number is none", () => {
    expect(readChanges([row], [order])).toBe("Nothing would change.");
    expect(readChanges([{ ...row, quantity: "-1" }], [order])).toMatch(/above 0/);
  });
});
