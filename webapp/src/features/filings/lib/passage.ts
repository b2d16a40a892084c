import type { FilingSection } from "@/client/contract-desk";

export interface Span {
  start: number;
  end: number;
}

/** The section a character offset falls into: the last that starts at or before it. */
export function sectionAt(sections: readonly FilingSection[], offset: number): FilingSection | null {
  let found: FilingSection | null = null;
  for (const section of sections) {
    if (section.start <= offset && (!found || section.start >= found.start)) found = section;
  }
  return found ?? sections[0] ?? null;
}

const ITEM = 2;

/** What the reader shows one at a time: the cover, then each item; the whole filing when it has no items. */
export function itemsOf(sections: readonly FilingSection[]): FilingSection[] {
  const items = sections.filter((each) => each.level === ITEM);
  const first = sections.find((each) => each.level <= ITEM);
  if (items.length === 0) return [{ id: "all", title: "Whole filing", level: ITEM, start: 0 }];
  const cover = { id: "cover", title: "Cover", level: ITEM, start: 0 };
  return first && first.start > 0 ? [cover, ...items] : items;
}

/** The id of the item that an offset falls into. */
export function itemAt(sections: readonly FilingSection[], offset: number): string {
  const items = itemsOf(sections);
  return (items.findLast((each) => each.start <= offset) ?? items[0])?.id ?? "all";
}

/** Splits a block's text into before, marked, after; null when the span does not touch the block. */
export function splitBlock(
  block: { text: string; start: number; end: number },
  span: Span | null,
): [string, string, string] | null {
  if (!span || span.end <= block.start || span.start >= block.end) return null;
  const from = Math.max(0, span.start - block.start);
  const to = Math.min(block.text.length, span.end - block.start);
  if (from >= to) return null;
  return [block.text.slice(0, from), block.text.slice(from, to), block.text.slice(to)];
}

export function readSpan(start: string | null, end: string | null): Span | null {
  if (start === null || end === null || start === "" || end === "") return null;
  const span = { start: Number(start), end: Number(end) };
  return Number.isInteger(span.start) && Number.isInteger(span.end) && span.end > span.start ? span : null;
}

const squeeze = (text: string) => text.replace(/\s+/g, "");

/** The rows of a table that the marked text holds whole; none when the mark is not made of rows. */
export function citedRows(rows: readonly (readonly string[])[], marked: string): number[] {
  const text = squeeze(marked);
  return rows.flatMap((row, at) => {
    const own = squeeze(row.join(""));
    return own !== "" && text.includes(own) ? [at] : [];
  });
}
