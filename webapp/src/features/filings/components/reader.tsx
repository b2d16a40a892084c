"use client";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import type { Filing, FilingHead } from "@/client/contract-desk";
import { useFiling, useFilingBlocks, useFilings } from "@/client/queries-desk";
import { useCells } from "@/client/queries-filings";
import { Button, Choice } from "@/features/ui/controls";
import { formatDate } from "@/features/ui/format";
import { Icon } from "@/features/ui/icons";
import { Loaded, Panel } from "@/features/ui/panel";
import { useAddress } from "@/features/ui/use-address";
import { comparePath } from "../lib/address";
import { itemAt, itemsOf, readSpan, type Span } from "../lib/passage";
import { AskFiling } from "./ask-filing";
import { Blocks } from "./blocks";
import { CellDialog } from "./cell-dialog";
import { FindBar } from "./find-bar";
import { Outline } from "./outline";
import { SectionSummary } from "./section-summary";

type Pane = "outline" | "read" | "ask";
const PANES = [
  { value: "outline", label: "Outline" },
  { value: "read", label: "Read" },
  { value: "ask", label: "Ask" },
] as const;

/** Outline, text and a place to ask; on a phone one of them at a time. The questions stay while places are opened. */
export function Reader({ id }: { id: string }): ReactNode {
  const [params, go] = useAddress();
  const filing = useFiling(id);
  const shelf = useFilings();
  const head = shelf.data?.find((each) => each.id === id) ?? filing.data;
  const place = `${id} ${params.get("section")} ${params.get("start")} ${params.get("at")}`;
  const [chosen, setChosen] = useState<{ pane: Pane; place: string }>({ pane: "read", place });
  const pane = chosen.place === place ? chosen.pane : "read";
  const on = (name: Pane) => (pane === name ? "" : "max-lg:hidden");
  return (
    <div className="flex flex-col gap-2 lg:grid lg:h-full lg:grid-cols-[250px_minmax(0,1fr)_360px]">
      <div className="sticky top-0 z-10 rounded-card border border-line bg-s1 p-1 lg:hidden">
        <Choice
          label="Show"
          value={pane}
          options={PANES}
          onChange={(value) => setChosen({ pane: value, place })}
        />
      </div>
      <Loaded query={filing} label="the filing">
        {(data) => (
          <>
            <Outline
              className={on("outline")}
              filing={data}
              current={sectionOf(data, params)}
              onOpen={(section, at) => go({ section, at, start: null, end: null, cell: null })}
            />
            <Text className={on("read")} filing={data} />
          </>
        )}
      </Loaded>
      {head ? (
        <AskFiling
          className={on("ask")}
          filing={head as FilingHead}
          all={shelf.data ?? []}
          onShow={(to) => go({ start: to.start, end: to.end, section: null, at: null, cell: null })}
        />
      ) : null}
    </div>
  );
}

/** The item on screen: as the address names it, else where its place lies, else the first after the cover. */
function sectionOf(filing: Filing, params: URLSearchParams): string {
  const items = itemsOf(filing.sections);
  const named = params.get("section");
  if (named && items.some((each) => each.id === named)) return named;
  const span = readSpan(params.get("start"), params.get("end"));
  if (span) return itemAt(filing.sections, span.start);
  return (items.find((each) => each.id !== "cover") ?? items[0])?.id ?? "all";
}

function Text({ filing, className }: { filing: Filing; className: string }): ReactNode {
  const [params, go] = useAddress();
  const span: Span | null = readSpan(params.get("start"), params.get("end"));
  const section = sectionOf(filing, params);
  const items = itemsOf(filing.sections);
  const at = items.findIndex((each) => each.id === section);
  const blocks = useFilingBlocks(filing.id, section);
  const cells = useCells(filing.id, section);
  const jump = Number(params.get("at") ?? Number.NaN);
  const move = (by: number) =>
    go({ section: items[at + by]?.id ?? null, at: null, start: null, end: null, cell: null });
  return (
    <Panel
      title={items[at]?.title ?? filing.title}
      className={className}
      aside={
        <>
          <Button className="h-7!" aria-label="Previous section" disabled={at <= 0} onClick={() => move(-1)}>
            <Icon name="back" />
          </Button>
          <span className="text-head text-fg3">
            {at + 1} of {items.length}
          </span>
          <Button
            className="h-7!"
            aria-label="Next section"
            disabled={at >= items.length - 1}
            onClick={() => move(1)}
          >
            <Icon name="next" />
          </Button>
        </>
      }
    >
      <h1 className="sr-only">{filing.title}</h1>
      <div className="sticky top-0 z-5 flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-s1 px-4 py-2 text-compact text-fg3 max-lg:static">
        <span className="font-medium text-fg2">{filing.title}</span>
        <span>filed {formatDate(filing.filed)}</span>
        <Link className="text-accent underline" href={comparePath(filing.id, filing.id)}>
          Compare
        </Link>
        <FindBar
          key={filing.id}
          id={filing.id}
          onShow={(hit) =>
            go({ start: hit.start, end: hit.end, section: null, at: null, cell: null }, "replace")
          }
        />
      </div>
      <p className="px-4 pt-2 text-head text-fg3">
        {filing.pages} pages · source: {filing.source}
      </p>
      <SectionSummary key={section} filing={filing} section={section} />
      <Loaded
        query={blocks}
        label="the section"
        isEmpty={(data) => data.blocks.length === 0}
        empty="This section holds no text of its own. Choose the next one."
      >
        {(data) => (
          <Blocks
            blocks={data.blocks}
            cells={cells.data ?? []}
            span={span}
            jump={Number.isNaN(jump) ? null : jump}
            chosen={params.get("cell")}
            onCell={(cell, name) =>
              go({ start: cell.start, end: cell.end, cell: name, section: null, at: null })
            }
          />
        )}
      </Loaded>
      <CellDialog
        filing={filing}
        cells={cells.data ?? []}
        name={params.get("cell")}
        onClose={() => go({ cell: null }, "replace")}
      />
    </Panel>
  );
}
