"use client";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import type { ComparedRow, ComparedSide, Comparison } from "@/client/contract-desk";
import { Button, Choice } from "@/features/ui/controls";
import { toneOf } from "@/features/ui/format";
import { Empty } from "@/features/ui/panel";
import { Scroll } from "@/features/ui/scroll";
import { useAddress } from "@/features/ui/use-address";
import { placePath } from "../lib/address";

const GROUPS = [
  { value: "key", label: "Key figures" },
  { value: "income", label: "Income" },
  { value: "balance", label: "Balance" },
  { value: "cash", label: "Cash flow" },
  { value: "ratios", label: "Ratios" },
  { value: "all", label: "All" },
] as const;
type Group = (typeof GROUPS)[number]["value"];
const KEY = new Set([
  "revenue",
  "gross_profit",
  "operating_income",
  "net_income",
  "eps_diluted",
  "research",
  "total_assets",
  "equity",
  "operating_cash",
  "free_cash_flow",
  "operating_margin",
  "net_margin",
]);

function isRatio(row: ComparedRow): boolean {
  const unit = (row.second ?? row.first)?.fact.unit;
  return unit === "%" || unit === "ratio";
}

function inGroup(row: ComparedRow, group: Group): boolean {
  if (group === "all") return true;
  if (group === "key") return KEY.has(row.metric);
  return group === "ratios" ? isRatio(row) : row.statement === group && !isRatio(row);
}

export function CompareFigures({ data }: { data: Comparison }): ReactNode {
  const [params, go] = useAddress();
  const chosen = params.get("metrics");
  const [group, setGroup] = useState<Group>(chosen ? "all" : "key");
  const rows = data.rows.filter((row) => inGroup(row, group));
  return (
    <div className="flex flex-col gap-2">
      {chosen ? (
        <p className="flex items-center gap-3 text-compact text-fg2">
          Only what was asked about. <Button onClick={() => go({ metrics: null })}>All figures</Button>
        </p>
      ) : (
        <Scroll label="Which figures" className="overflow-x-auto">
          <div className="w-fit">
            <Choice label="Which figures" value={group} options={GROUPS} onChange={setGroup} />
          </div>
        </Scroll>
      )}
      {rows.length === 0 ? (
        <Empty>Neither filing prints any of these.</Empty>
      ) : (
        <Figures data={data} rows={rows} />
      )}
      {data.missing.length > 0 && group === "all" ? (
        <p className="text-compact text-fg3">Printed by neither: {data.missing.join(", ")}.</p>
      ) : null}
    </div>
  );
}

const HEAD = "bg-s2 px-2 py-1 text-head text-fg3 font-medium align-bottom";

function Figures({ data, rows }: { data: Comparison; rows: ComparedRow[] }): ReactNode {
  return (
    <Scroll label="Figures side by side" className="overflow-x-auto rounded-ctl border border-line">
      <table className="w-full border-collapse text-compact">
        <caption className="sr-only">
          {data.against} against {data.base}
        </caption>
        <thead>
          <tr>
            <th scope="col" className={`${HEAD} text-left`}>
              Figure
            </th>
            <th scope="col" className={`${HEAD} text-right`}>
              {data.base}
            </th>
            <th scope="col" className={`${HEAD} text-right`}>
              {data.against}
            </th>
            <th scope="col" className={`${HEAD} text-right whitespace-nowrap`}>
              {data.same_company ? "Change" : "Second ÷ first"}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.metric} className="border-t border-line hover:bg-s2">
              <th scope="row" className="px-2 py-1 text-left font-normal">
                {row.name}
              </th>
              <Side side={row.first} />
              <Side side={row.second} />
              <Change row={row} />
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Change({ row }: { row: ComparedRow }): ReactNode {
  const { change } = row;
  if (!change) return <td className="px-2 py-1 text-right text-head text-fg3">{row.note}</td>;
  const value = Number(change.value);
  const signed = change.unit === "ratio" ? change.text : `${value > 0 ? "+" : ""}${change.text}`;
  return (
    <td
      title={change.locator}
      className={`px-2 py-1 text-right whitespace-nowrap ${change.unit === "ratio" ? "" : toneOf(value)}`}
    >
      {signed}
    </td>
  );
}

/** A value that opens its cell; a computed one opens the cells of its inputs. */
function Side({ side }: { side: ComparedSide | null }): ReactNode {
  if (!side) return <td className="px-2 py-1 text-right text-fg3">not printed</td>;
  const place = side.citations[0];
  return (
    <td className="px-2 py-1 text-right align-top">
      {place && side.inputs.length === 0 ? (
        <Link
          className="inline-block min-h-6 whitespace-nowrap text-accent underline"
          href={placePath(place)}
        >
          {side.fact.text}
        </Link>
      ) : (
        <span className="whitespace-nowrap">{side.fact.text}</span>
      )}
      <span className="block text-head text-fg3">
        {side.fact.as_of}
        {side.inputs.length > 0 ? (
          <>
            {" · from"}
            {side.citations.map((each, at) => (
              <Link
                key={each.start}
                title={side.inputs[at]?.label}
                className="ml-1 inline-block min-h-6 text-accent underline"
                href={placePath(each)}
              >
                p. {each.page}
              </Link>
            ))}
          </>
        ) : (
          ` · p. ${place?.page ?? "—"}`
        )}
      </span>
    </td>
  );
}
