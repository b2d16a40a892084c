"use client";
import Link from "next/link";
import { type FormEvent, type ReactNode, useState } from "react";
import type { FilingHead } from "@/client/contract-desk";
import { useFilings } from "@/client/queries-desk";
import { Button, INPUT } from "@/features/ui/controls";
import { formatDate } from "@/features/ui/format";
import { Icon } from "@/features/ui/icons";
import { Loaded, Panel } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";
import { useAddress } from "@/features/ui/use-address";
import { comparePath } from "../lib/address";
import { SearchResults } from "./search-results";
import { VectorLine } from "./vector-line";

/** Company as chosen, or as a ticker in the address ("NVDA fil" in the command line) names it. */
function companyOf(params: URLSearchParams, filings: readonly FilingHead[]): string {
  const find = params.get("find") ?? "";
  const named = filings.find((each) => find && each.ticker.toLowerCase() === find.toLowerCase());
  return params.get("company") ?? named?.company ?? "";
}

export function Library(): ReactNode {
  const query = useFilings();
  return (
    <Panel title="Filings" className="lg:h-full" aside={<VectorLine />}>
      <h1 className="sr-only">Filings</h1>
      <Loaded
        query={query}
        label="filings"
        isEmpty={(data) => data.length === 0}
        empty="No filings are indexed. “tenor ingest filings TICKER” brings one in."
      >
        {(filings) => <Shelf filings={filings} />}
      </Loaded>
    </Panel>
  );
}

function Shelf({ filings }: { filings: FilingHead[] }): ReactNode {
  const [params] = useAddress();
  const q = params.get("q") ?? "";
  const filters = {
    company: companyOf(params, filings),
    form: params.get("form") ?? "",
    period: params.get("period") ?? "",
  };
  const find = params.get("find") ?? "";
  const rows = filings.filter(
    (row) =>
      (filters.company === "" || row.company === filters.company) &&
      (filters.form === "" || row.form === filters.form) &&
      (filters.period === "" || row.period === filters.period) &&
      (find === "" ||
        filters.company !== "" ||
        `${row.id} ${row.title}`.toLowerCase().includes(find.toLowerCase())),
  );
  return (
    <>
      <SearchBar key={q} filings={filings} filters={filters} q={q} />
      {q.trim().length > 1 ? (
        <SearchResults q={q} filters={filters} />
      ) : rows.length === 0 ? (
        <p className="p-4 text-fg2">
          No filing fits{find ? ` “${find}”` : " these filters"}: {filings.length} are indexed. Clear the
          filters.
        </p>
      ) : (
        <FilingTable rows={rows} all={filings} />
      )}
    </>
  );
}

const distinct = (values: string[]) => [...new Set(values.filter(Boolean))].sort();

function SearchBar(props: {
  filings: FilingHead[];
  filters: { company: string; form: string; period: string };
  q: string;
}): ReactNode {
  const { filings, filters, q } = props;
  const [, go] = useAddress();
  const [text, setText] = useState(q);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    go({ q: text.trim(), find: null });
  };
  const choices = [
    ["company", "All companies", distinct(filings.map((each) => each.company))],
    ["form", "All forms", distinct(filings.map((each) => each.form))],
    ["period", "All periods", distinct(filings.map((each) => each.period)).reverse()],
  ] as const;
  const narrowed = q !== "" || Object.values(filters).some(Boolean);
  return (
    <search>
      <form onSubmit={submit} className="flex flex-wrap items-center gap-2 border-b border-line p-3">
        <input
          type="search"
          aria-label="Search in the filings"
          placeholder="Search in the filings: share repurchases, tariffs, net sales…"
          className={`${INPUT} min-w-56 flex-1`}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        {choices.map(([name, all, values]) => (
          <select
            key={name}
            aria-label={`Filter by ${name}`}
            className={`${INPUT} w-auto! max-w-44 max-sm:flex-1`}
            value={filters[name]}
            onChange={(event) => go({ [name]: event.target.value, find: null })}
          >
            <option value="">{all}</option>
            {values.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        ))}
        <Button type="submit" look="primary">
          <Icon name="search" /> Search
        </Button>
        {narrowed ? (
          <Button
            look="quiet"
            onClick={() => go({ q: null, find: null, company: null, form: null, period: null })}
          >
            Clear
          </Button>
        ) : null}
      </form>
    </search>
  );
}

/** The other year or quarter that a filing is best compared with; itself when only its own prior column is there. */
function partner(row: FilingHead, all: readonly FilingHead[]): string {
  const same = all.filter((each) => each.company === row.company && each.form === row.form);
  return (
    same.filter((each) => each.period < row.period).sort((a, b) => b.period.localeCompare(a.period))[0]?.id ??
    row.id
  );
}

function FilingTable({ rows, all }: { rows: FilingHead[]; all: FilingHead[] }): ReactNode {
  return (
    <Table
      caption="Indexed filings"
      rows={rows}
      rowKey={(row) => row.id}
      columns={[
        {
          head: "Filing",
          cell: (row) => (
            <Link
              href={`/filings/?id=${encodeURIComponent(row.id)}`}
              className="inline-flex min-h-6 items-center text-left text-accent underline"
            >
              {row.title}
            </Link>
          ),
        },
        { head: "Company", cell: (row) => row.company, wide: true },
        { head: "Form", cell: (row) => row.form },
        { head: "Period", cell: (row) => row.period || "—", wide: true },
        { head: "Filed", cell: (row) => formatDate(row.filed), right: true, wide: true },
        {
          head: "Compare",
          cell: (row) =>
            /^10-/.test(row.form) ? (
              <Link className="text-accent underline" href={comparePath(partner(row, all), row.id)}>
                Compare
              </Link>
            ) : null,
        },
      ]}
    />
  );
}
