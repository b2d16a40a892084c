"use client";
import Link from "next/link";
import { type ReactNode, useRef } from "react";
import type { FoundPlace } from "@/client/contract-desk";
import { type Filters, useFilingSearch } from "@/client/queries-filings";
import { Badge } from "@/features/ui/badge";
import { formatNumber } from "@/features/ui/format";
import { Loaded } from "@/features/ui/panel";
import { useRowKeys } from "@/features/ui/use-row-keys";
import { placePath } from "../lib/address";
import { markTerms, snippet } from "../lib/snippet";

const STATEMENTS: Record<string, string> = {
  income: "income statement",
  balance: "balance sheet",
  cash: "cash flows",
  equity: "equity statement",
  comprehensive: "comprehensive income",
};

export function SearchResults({ q, filters }: { q: string; filters: Filters }): ReactNode {
  const query = useFilingSearch(q, filters);
  const list = useRef<HTMLOListElement>(null);
  const step = (by: number) => {
    const links = [...(list.current?.querySelectorAll<HTMLAnchorElement>("a") ?? [])];
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    links[Math.min(links.length - 1, Math.max(0, at + by))]?.focus();
  };
  useRowKeys({ j: () => step(1), k: () => step(-1) });
  return (
    <Loaded
      query={query}
      label="passages"
      isEmpty={(data) => data.results.length === 0}
      empty="No passage fits. Use other words, or clear the filters."
    >
      {(data) => (
        <>
          <p className="px-4 pt-3 text-compact text-fg3" role="status">
            {data.results.length} passages, best first. Keys: j next, k previous, Enter opens.
          </p>
          <ol ref={list} aria-label="Passages" className="flex max-w-[900px] flex-col gap-3 p-4">
            {data.results.map((each) => (
              <Passage
                key={`${each.filing}-${each.start}`}
                place={each}
                q={q}
                best={data.results[0]?.score ?? 0}
              />
            ))}
          </ol>
        </>
      )}
    </Loaded>
  );
}

function Passage({ place, q, best }: { place: FoundPlace; q: string; best: number }): ReactNode {
  const share = best > 0 ? Math.max(0, place.score) / best : 0;
  return (
    <li className="rounded-card border border-line bg-s1 p-3 focus-within:border-accent">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Link href={placePath(place)} className="text-desk font-medium text-accent underline">
          {place.document}, p. {place.page}
        </Link>
        {STATEMENTS[place.statement] ? <Badge tone="info">{STATEMENTS[place.statement]}</Badge> : null}
        <span className="ml-auto flex items-center gap-2 text-head text-fg3">
          <span aria-hidden="true" className="h-1 w-12 rounded-cell bg-s3">
            <span
              className="block h-1 rounded-cell bg-fg3"
              style={{ width: `${Math.round(share * 100)}%` }}
            />
          </span>
          score {formatNumber(place.score, 3)}
        </span>
      </div>
      {place.section ? <p className="text-compact text-fg3">{place.section}</p> : null}
      <p className="mt-1 text-form text-fg2">
        {markTerms(snippet(place.quote, q), q).map(([text, hit], at) =>
          hit ? (
            <mark key={`${at.toString()}-${text}`} className="cite-mark">
              {text}
            </mark>
          ) : (
            text
          ),
        )}
      </p>
    </li>
  );
}
