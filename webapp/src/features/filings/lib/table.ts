import type { FilingCell } from "@/client/contract-desk";

const SCALES: Record<number, string> = { 3: "thousands", 6: "millions", 9: "billions" };

/** What one printed unit stands for. */
export const scaleName = (power: number): string => SCALES[power] ?? "units";

/** What a table's amounts are: "USD in millions; USD/share; shares in thousands". */
export function unitsOf(cells: readonly FilingCell[]): string {
  const said = cells
    .filter((cell) => cell.unit !== "")
    .map((cell) => (SCALES[cell.printed_in] ? `${cell.unit} in ${SCALES[cell.printed_in]}` : cell.unit));
  const counts = new Map<string, number>();
  for (const each of said) counts.set(each, (counts.get(each) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([each]) => each)
    .join("; ");
}

/** How many leading rows are the table's head: before the first figure, with words over the columns. */
export function headRows(rows: readonly (readonly string[])[], cells: readonly FilingCell[]): number {
  const first = cells.length > 0 ? Math.min(...cells.map((cell) => cell.row)) : 1;
  const bare = rows.findIndex((row) => row[0] && row.slice(1).every((cell) => !cell));
  return bare >= 0 && bare < first ? bare : first;
}

/** The period most cells of each column hold for; a column without figures has none. */
export function periodsOf(cells: readonly FilingCell[]): Map<number, string> {
  const counts = new Map<number, Map<string, number>>();
  for (const cell of cells) {
    const own = counts.get(cell.column) ?? new Map<string, number>();
    own.set(cell.period, (own.get(cell.period) ?? 0) + 1);
    counts.set(cell.column, own);
  }
  const most = (own: Map<string, number>) => [...own].sort((a, b) => b[1] - a[1])[0]?.[0] ?? "";
  return new Map([...counts].map(([column, own]) => [column, most(own)]));
}

/** A value in base units with its thousands separated; the minus is U+2212. */
export function plainValue(value: string): string {
  const [whole = "", part] = value.replace("-", "").split(".");
  const sign = value.startsWith("-") ? "\u2212" : "";
  return `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${part ? `.${part}` : ""}`;
}
