/** Typed extras of an answer. A known kind gets a heading; the fields are shown as they came, as a small table. */
import type { ReactNode } from "react";
import type { AnswerCard } from "@/client/contract";
import { formatPlain } from "@/features/ui/format";
import { Scroll } from "@/features/ui/scroll";

const TITLES: Record<string, string> = {
  alert: "Alert",
  comparison: "Comparison",
  allocation: "Allocation",
  plan: "Plan",
};

type Row = Record<string, unknown>;
const isRow = (value: unknown): value is Row =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function cell(value: unknown, name = ""): string {
  if (typeof value === "number" && /year|period/.test(name)) return String(value);
  if (typeof value === "number" || typeof value === "string") return formatPlain(value);
  if (value === null || value === undefined) return "—";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return Array.isArray(value) && value.every((each) => !isRow(each))
    ? value.map((each) => cell(each)).join(", ")
    : JSON.stringify(value);
}

function RowTable({ name, rows }: { name: string; rows: Row[] }): ReactNode {
  const heads = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return (
    <Scroll label={name.replaceAll("_", " ")} className="overflow-x-auto">
      <table className="w-full text-compact">
        <caption className="text-left text-head text-fg3">{name.replaceAll("_", " ")}</caption>
        <thead>
          <tr>
            {heads.map((head) => (
              <th
                key={head}
                scope="col"
                className={`px-2 text-head text-fg3 ${typeof rows[0]?.[head] === "number" ? "text-right" : "text-left"}`}
              >
                {head.replaceAll("_", " ")}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={JSON.stringify(row)} className="border-t border-line">
              {heads.map((head) => (
                <td key={head} className={`px-2 ${typeof row[head] === "number" ? "text-right" : ""}`}>
                  {cell(row[head], head)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

export function AnswerCards({ cards }: { cards: AnswerCard[] }): ReactNode {
  return cards.map((card) => {
    const fields = Object.entries(card).filter(([name]) => name !== "kind");
    return (
      <section
        key={JSON.stringify(card)}
        aria-label={TITLES[card.kind] ?? card.kind}
        className="flex flex-col gap-1 rounded-card border border-line bg-s2 p-3"
      >
        <h3 className="text-compact font-semibold">{TITLES[card.kind] ?? card.kind}</h3>
        <dl className="text-compact">
          {fields.map(([name, value]) =>
            Array.isArray(value) && value.length > 0 && value.every(isRow) ? (
              <div key={name}>
                <dt className="sr-only">{name}</dt>
                <dd>
                  <RowTable name={name} rows={value} />
                </dd>
              </div>
            ) : (
              <div key={name} className="flex justify-between gap-4">
                <dt className="text-fg2">{name.replaceAll("_", " ")}</dt>
                <dd className="text-right">{cell(value, name)}</dd>
              </div>
            ),
          )}
        </dl>
      </section>
    );
  });
}
