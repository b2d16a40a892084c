"use client";
import Link from "next/link";
import type { ReactNode } from "react";
import type { Comparison, FilingHead } from "@/client/contract-desk";
import { useFilings } from "@/client/queries-desk";
import { useComparison } from "@/client/queries-filings";
import { Button, Choice, Field, INPUT } from "@/features/ui/controls";
import { Icon } from "@/features/ui/icons";
import { Banner, Loaded, Panel } from "@/features/ui/panel";
import { useAddress } from "@/features/ui/use-address";
import { likeForLike, peerOf } from "../lib/scope";
import { CompareFigures } from "./compare-figures";
import { CompareSections } from "./compare-sections";

const TABS = [
  { value: "figures", label: "Figures" },
  { value: "sections", label: "Sections" },
] as const;

/** Two filings side by side: metrics with their cells, and what became of each section. */
export function ComparePage(): ReactNode {
  const shelf = useFilings();
  return (
    <Panel
      title="Compare"
      className="lg:h-full"
      aside={
        <Link
          href="/filings/"
          className="inline-flex min-h-7 items-center gap-1 text-compact text-accent underline"
        >
          <Icon name="back" /> All filings
        </Link>
      }
    >
      <h1 className="sr-only">Compare two filings</h1>
      <Loaded query={shelf} label="filings">
        {(filings) => <Pair filings={filings} />}
      </Loaded>
    </Panel>
  );
}

function Pair({ filings }: { filings: FilingHead[] }): ReactNode {
  const [params, go] = useAddress();
  const reports = filings.filter(
    (each) => /^(?:10-|20-)/.test(each.form) || each.source.startsWith("your file"),
  );
  const first = reports.find((each) => each.id === params.get("first")) ?? reports[0];
  const second = reports.find((each) => each.id === params.get("second")) ?? first;
  const query = useComparison(first?.id ?? null, second?.id ?? null, params.get("metrics") ?? "");
  if (!first || !second) return <p className="p-4 text-fg2">There is no report here to compare.</p>;
  const tab = params.get("tab") === "sections" ? "sections" : "figures";
  return (
    <div className="flex flex-col gap-3 p-3">
      <Pickers reports={reports} first={first} second={second} />
      <Advice filings={filings} first={first} second={second} />
      <div className="flex flex-wrap items-center gap-3">
        <Choice
          label="What to compare"
          value={tab}
          options={TABS}
          onChange={(value) => go({ tab: value === "figures" ? null : value, section: null })}
        />
      </div>
      <Loaded query={query} label="the comparison">
        {(data: Comparison) =>
          tab === "figures" ? (
            <CompareFigures key={`${first.id} ${second.id} ${params.get("metrics")}`} data={data} />
          ) : (
            <CompareSections data={data} first={first} second={second} />
          )
        }
      </Loaded>
    </div>
  );
}

function Pickers(props: { reports: FilingHead[]; first: FilingHead; second: FilingHead }): ReactNode {
  const { reports, first, second } = props;
  const [, go] = useAddress();
  const peer = peerOf(second, reports);
  const select = (name: "first" | "second", value: string) => (
    <select
      className={INPUT}
      value={value}
      onChange={(event) => go({ [name]: event.target.value, section: null })}
    >
      {reports.map((each) => (
        <option key={each.id} value={each.id}>
          {each.title}
        </option>
      ))}
    </select>
  );
  return (
    <div className="grid grid-cols-1 items-end gap-2 sm:grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)]">
      <Field label="From (the base of each change)">{select("first", first.id)}</Field>
      <Button
        aria-label="Swap the two filings"
        className="max-sm:w-fit"
        onClick={() => go({ first: second.id, second: first.id, section: null })}
      >
        ⇄
      </Button>
      <Field label="To">{select("second", second.id)}</Field>
      <div className="flex flex-wrap gap-2 sm:col-span-3">
        <Button onClick={() => go({ first: second.id, second: second.id, section: null, tab: null })}>
          The year before, as {second.form} prints it
        </Button>
        {peer ? (
          <Button
            onClick={() =>
              go({ first: likeForLike(second, peer, reports).id, second: peer.id, section: null, tab: null })
            }
          >
            A peer: {peer.company}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

/** What is missing for a better comparison, in words. */
function Advice(props: { filings: FilingHead[]; first: FilingHead; second: FilingHead }): ReactNode {
  const { filings, first, second } = props;
  const others = filings.filter(
    (each) => each.company === second.company && each.form === second.form && each.id !== second.id,
  );
  if (first.company === second.company && others.length === 0) {
    return (
      <Banner tone="info">
        ▣ {second.title} is the only {second.form} of {second.company} here. Take in the one before (“tenor
        ingest filings PATH”) to see what was added and dropped between two years
        {first.id === second.id ? "; the figures below are the year before as this filing prints it." : "."}
        {first.form === second.form ? "" : " A 10-Q has other sections and shorter periods than a 10-K."}
      </Banner>
    );
  }
  if (first.form !== second.form) {
    return (
      <Banner tone="info">
        ▣ {first.form} against {second.form}: where the periods are not of one length no change is computed.
      </Banner>
    );
  }
  return null;
}
