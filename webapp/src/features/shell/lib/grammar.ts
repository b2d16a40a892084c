/** The palette's grammar: text in, one parsed command out. Unknown words are refused with the reason. */
import type { Range, Side } from "@/client/contract";
import { SECTIONS } from "./sections";

export type Command =
  | { kind: "symbol"; instrument: string; range: Range | null }
  | {
      kind: "order";
      side: Side;
      quantity: number;
      instrument: string;
      price: number | null;
      chips: string[];
    }
  | { kind: "go"; path: string; name: string }
  | { kind: "halt" | "resume" }
  | { kind: "ask"; question: string }
  | { kind: "unknown"; reason: string };

export interface Symbolic {
  id: string;
  symbol: string;
}

const RANGES: Record<string, Range> = { "1m": "1M", "6m": "6M", "1y": "1Y", "5y": "5Y", max: "MAX" };
const BY_ID: Record<string, (id: string) => [string, string]> = {
  case: (id) => [`/fraud/?id=${encodeURIComponent(id)}`, `Case ${id}`],
  proposal: (id) => [`/approvals/?id=${encodeURIComponent(id)}`, `Proposal ${id}`],
  filing: (id) => [`/filings/?id=${encodeURIComponent(id)}`, `Filing ${id}`],
  trace: (id) => [`/runs/?id=${encodeURIComponent(id)}`, `Trace ${id}`],
  record: (id) => [`/audit/?seq=${encodeURIComponent(id)}`, `Record ${id}`],
};

function find(word: string, instruments: readonly Symbolic[]): Symbolic | undefined {
  const wanted = word.toUpperCase();
  return instruments.find((each) => each.symbol.toUpperCase() === wanted || each.id.toUpperCase() === wanted);
}

const unknown = (reason: string): Command => ({ kind: "unknown", reason });

function parseOrder(side: Side, words: string[], instruments: readonly Symbolic[]): Command {
  const [quantityWord = "", symbolWord = "", ...rest] = words;
  const quantity = Number(quantityWord.replaceAll(",", ""));
  if (!(quantity > 0)) return unknown(`${side} needs a quantity above zero: ${side} 400 NVDA @ 182.43`);
  const instrument = find(symbolWord, instruments);
  if (!instrument)
    return unknown(symbolWord ? `No instrument “${symbolWord}”` : `${side} what? Add a symbol`);
  let price: number | null = null;
  const chips = [side.toUpperCase(), String(quantity), instrument.symbol];
  let tail = rest.join(" ").replace(/@\s*/g, "@").split(/\s+/).filter(Boolean);
  const at = tail.find((word) => word.startsWith("@"));
  if (at) {
    const text = at.slice(1).toLowerCase();
    price = text === "mkt" ? null : Number(text);
    if (price !== null && !(price > 0)) return unknown(`“${at}” is no price; write @ 182.43 or @ mkt`);
    tail = tail.filter((word) => word !== at);
  }
  const odd = tail.find((word) => word.toLowerCase() !== "day");
  if (odd) return unknown(`“${odd}” is not understood; orders are day orders here`);
  chips.push(price === null ? "market" : `limit ${price}`, "day");
  return { kind: "order", side, quantity, instrument: instrument.id, price, chips };
}

export function parseCommand(input: string, instruments: readonly Symbolic[]): Command | null {
  const text = input.trim();
  if (!text) return null;
  if (text.startsWith("?")) {
    const question = text.slice(1).trim();
    return question ? { kind: "ask", question } : unknown("Write a question after the ?");
  }
  const words = text.split(/\s+/);
  const first = (words[0] ?? "").toLowerCase();
  const rest = words.slice(1);
  if (first === "buy" || first === "sell") return parseOrder(first, rest, instruments);
  if (first === "halt" || first === "resume") {
    const odd = rest.find((word) => word.toLowerCase() !== "desk");
    return odd
      ? unknown(`“${odd}” cannot be ${first === "halt" ? "halted" : "resumed"} here`)
      : { kind: first };
  }
  const byId = BY_ID[first];
  if (byId) {
    const id = rest[0];
    if (!id) return unknown(`${first} needs an id`);
    const [path, name] = byId(id);
    return { kind: "go", path, name };
  }
  const place = first === "go" ? (rest[0] ?? "").toLowerCase() : first;
  const section = SECTIONS.find((each) => each.name.toLowerCase() === place);
  if (section) return { kind: "go", path: section.path, name: section.name };
  if (first === "go") return unknown(rest[0] ? `No section “${rest[0]}”` : "go where? desk, chat, filings …");
  const instrument = find(first, instruments);
  if (instrument) return parseView(instrument, rest);
  return unknown(`“${words[0]}” is no symbol, section or command`);
}

function parseView(instrument: Symbolic, rest: string[]): Command {
  const view = (rest[0] ?? "").toLowerCase();
  if (!view) return { kind: "symbol", instrument: instrument.id, range: null };
  if (view === "fil") {
    return {
      kind: "go",
      path: `/filings/?find=${encodeURIComponent(instrument.symbol)}`,
      name: `${instrument.symbol} filings`,
    };
  }
  const range = RANGES[view];
  return range
    ? { kind: "symbol", instrument: instrument.id, range }
    : unknown(`“${rest[0]}” is no view; use 1M 6M 1Y 5Y MAX or fil`);
}
