import type { FilingPlace } from "@/client/contract-desk";

/** The reader at a place of a filing, marked. */
export function placePath(place: Pick<FilingPlace, "filing" | "start" | "end">): string {
  return `/filings/?${new URLSearchParams({ id: place.filing, start: String(place.start), end: String(place.end) })}`;
}

/** Two filings side by side; one id twice is the year before. */
export function comparePath(first: string, second: string, metrics = ""): string {
  const query = new URLSearchParams({ view: "compare", first, second });
  if (metrics) query.set("metrics", metrics);
  return `/filings/?${query}`;
}

/** Names a cell in the address: the table's block, its row and column. */
export const cellName = (cell: { block: number; row: number; column: number }): string =>
  `${cell.block}.${cell.row}.${cell.column}`;
