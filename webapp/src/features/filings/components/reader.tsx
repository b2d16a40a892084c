"use client";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import type { Filing } from "@/client/contract-desk";
import { useFiling, useFilingBlocks } from "@/client/queries-desk";
import { Button } from "@/features/ui/controls";
import { formatDate } from "@/features/ui/format";
import { Icon } from "@/features/ui/icons";
import { Empty, Loaded, Panel } from "@/features/ui/panel";
import { useQueryParam } from "@/features/ui/use-query-param";
import { readSpan, type Span, sectionAt } from "../lib/passage";
import { AskFiling } from "./ask-filing";
import { Blocks } from "./blocks";

export function Reader({ id, onClose }: { id: string; onClose: () => void }): ReactNode {
  const query = useFiling(id);
  const [start] = useQueryParam("start");
  const [end] = useQueryParam("end");
  const span = readSpan(start, end);
  return (
    <Loaded query={query} label="the filing">
      {(filing) => <Open key={`${start}-${end}`} filing={filing} span={span} onClose={onClose} />}
    </Loaded>
  );
}

function Open({
  filing,
  span,
  onClose,
}: {
  filing: Filing;
  span: Span | null;
  onClose: () => void;
}): ReactNode {
  const router = useRouter();
  const first = span ? sectionAt(filing.sections, span.start) : filing.sections[0];
  const [section, setSection] = useState(first?.id ?? null);
  const at = filing.sections.findIndex((each) => each.id === section);
  const blocks = useFilingBlocks(filing.id, section);
  const move = (by: number) => {
    const next = filing.sections[at + by];
    if (next) setSection(next.id);
  };
  const show = (to: Span) => {
    const query = new URLSearchParams({ id: filing.id, start: String(to.start), end: String(to.end) });
    router.push(`/filings/?${query}`, { scroll: false });
  };
  return (
    <div className="grid grid-cols-1 gap-2 lg:h-full lg:grid-cols-[240px_minmax(0,1fr)_340px]">
      <Panel
        title="Outline"
        className="max-lg:max-h-56"
        aside={
          <Button className="h-7!" onClick={onClose}>
            <Icon name="back" /> All filings
          </Button>
        }
      >
        {filing.sections.length === 0 ? <Empty>This filing has no sections.</Empty> : null}
        <ul>
          {filing.sections.map((each) => (
            <li key={each.id}>
              <button
                type="button"
                aria-current={each.id === section ? "true" : undefined}
                onClick={() => setSection(each.id)}
                data-level={each.level}
                className="min-h-7 max-sm:min-h-11 w-full px-3 py-1 text-left text-compact text-fg2 -outline-offset-2 hover:bg-s2 aria-[current]:bg-s3 aria-[current]:text-fg data-[level='2']:pl-6 data-[level='3']:pl-9 data-[level='4']:pl-9"
              >
                {each.title}
              </button>
            </li>
          ))}
        </ul>
      </Panel>
      <Panel
        title={filing.title}
        aside={
          <>
            <Button className="h-7!" disabled={at <= 0} onClick={() => move(-1)}>
              <Icon name="back" /> Section
            </Button>
            <Button className="h-7!" disabled={at >= filing.sections.length - 1} onClick={() => move(1)}>
              Section <Icon name="next" />
            </Button>
          </>
        }
      >
        <h1 className="sr-only">{filing.title}</h1>
        <p className="border-b border-line px-4 py-2 text-compact text-fg3">
          {filing.company} · {filing.form} · period {filing.period ?? "—"} · filed {formatDate(filing.filed)}
          {filing.source ? ` · ${filing.source}` : ""}
        </p>
        <Loaded
          query={blocks}
          label="the section"
          isEmpty={(data) => data.blocks.length === 0}
          empty="This section holds no text of its own. Choose the next one."
        >
          {(data) => <Blocks blocks={data.blocks} span={span} />}
        </Loaded>
      </Panel>
      <AskFiling filing={filing} onShow={show} />
    </div>
  );
}
