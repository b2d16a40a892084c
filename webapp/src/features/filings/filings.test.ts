import { describe, expect, it } from "vitest";
import type { FilingCell, FilingHead } from "@/client/contract-desk";
import { comparePath, placePath } from "./lib/address";
import { itemAt, itemsOf } from "./lib/passage";
import { likeForLike, metricOf, peerOf, scopedQuestion } from "./lib/scope";
import { periodsOf, plainValue, unitsOf } from "./lib/table";

const filing = (company: string, form: string, period: string): FilingHead => ({
  id: `${company}-${form}-${period}`,
  title: `${company} ${form} ${period}`,
  company,
  ticker: "",
  form,
  period,
  filed: null,
  source: "",
});
const OLD = filing("Acme", "10-K", "FY2023");
const NEW = filing("Acme", "10-K", "FY2024");
const QUARTER = filing("Acme", "10-Q", "FY2025 Q1");
const PEER = filing("Bolt", "10-Q", "FY2025 Q2");
const ALL = [OLD, NEW, QUARTER, PEER];

describe("a question beside a filing", () => {
  it("names company and form, and the period only when a newer filing would answer", () => {
    expect(scopedQuestion("What was revenue?", NEW, "filing", ALL, false)).toBe(
      "In Acme's 10-K: What was revenue?",
    );
    expect(scopedQuestion("What was revenue?", OLD, "filing", ALL, false)).toBe(
      "In Acme's 10-K: What was revenue in fiscal 2023?",
    );
    expect(scopedQuestion("Revenue in 2022?", OLD, "filing", ALL, true)).toBe(
      "In Acme's 10-K: Revenue in 2022?",
    );
  });
  it("goes bare when it follows, or is asked of all filings", () => {
    expect(scopedQuestion("and the year before?", NEW, "filing", ALL, true)).toBe("and the year before?");
    expect(scopedQuestion("and the year before?", NEW, "filing", ALL, false)).toMatch(/^In Acme/);
    expect(scopedQuestion("Who competes?", NEW, "all", ALL, false)).toBe("Who competes?");
    expect(scopedQuestion("Who competes?", NEW, "company", ALL, false)).toBe("About Acme: Who competes?");
  });
});

describe("a peer", () => {
  it("is of the same form when there is one, else the own filing follows the peer's form", () => {
    expect(peerOf(QUARTER, ALL)).toBe(PEER);
    expect(peerOf(NEW, ALL)).toBe(PEER);
    expect(likeForLike(NEW, PEER, ALL)).toBe(QUARTER);
    expect(likeForLike(PEER, QUARTER, ALL)).toBe(PEER);
    expect(peerOf(NEW, [OLD, NEW])).toBeNull();
  });
});

it("an answer's first figure names the metric to compare", () => {
  const of = (id: string) =>
    metricOf({ facts: [{ id }], citations: [{ filing: "a-1" }] } as unknown as Parameters<
      typeof metricOf
    >[0]);
  expect(of("a-1.revenue.2024-09-28.12")).toBe("revenue");
  expect(of("a-1.row.total.2024")).toBe("");
  expect(of("price.AAPL")).toBeNull();
});

describe("an outline", () => {
  const section = (id: string, level: number, start: number) => ({ id, title: id, level, start });
  const sections = [
    section("a", 3, 0),
    section("part", 1, 10),
    section("one", 2, 12),
    section("sub", 4, 20),
    section("two", 2, 30),
  ];
  it("has a cover and items; a place lies in its item", () => {
    expect(itemsOf(sections).map((each) => each.id)).toEqual(["cover", "one", "two"]);
    expect(itemAt(sections, 25)).toBe("one");
    expect(itemAt(sections, 5)).toBe("cover");
    expect(itemAt(sections, 900)).toBe("two");
  });
  it("is the whole filing when there are no items", () => {
    expect(itemsOf([section("a", 3, 0)]).map((each) => each.id)).toEqual(["all"]);
    expect(itemAt([], 3)).toBe("all");
  });
});

describe("a table's figures", () => {
  const cell = (column: number, period: string, unit: string, printed_in: number): FilingCell => ({
    block: 1,
    row: 1,
    column,
    label: "",
    group: "",
    head: "",
    period,
    value: "1",
    unit,
    printed_in,
    locator: "",
    start: 0,
    end: 1,
  });
  it("say their units and periods", () => {
    const cells = [
      cell(1, "FY2024", "USD", 6),
      cell(1, "FY2024", "USD", 6),
      cell(2, "FY2023", "USD/share", 0),
    ];
    expect(unitsOf(cells)).toBe("USD in millions; USD/share");
    expect([...periodsOf(cells)]).toEqual([
      [1, "FY2024"],
      [2, "FY2023"],
    ]);
    expect(plainValue("-391035000000.5")).toBe("\u2212391,035,000,000.5");
  });
});

it("addresses keep the place", () => {
  expect(placePath({ filing: "a b", start: 1, end: 2 })).toBe("/filings/?id=a+b&start=1&end=2");
  expect(comparePath("a", "b", "revenue")).toBe("/filings/?view=compare&first=a&second=b&metrics=revenue");
});
