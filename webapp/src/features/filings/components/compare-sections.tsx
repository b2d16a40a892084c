"use client";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import type {
  Comparison,
  FilingHead,
  FilingPlace,
  SectionChange,
  SectionChanges,
} from "@/client/contract-desk";
import { useChanges } from "@/client/queries-filings";
import { Badge } from "@/features/ui/badge";
import { Choice, Field, INPUT } from "@/features/ui/controls";
import { Empty, Loaded } from "@/features/ui/panel";
import { useAddress } from "@/features/ui/use-address";
import { placePath } from "../lib/address";

type Kind = SectionChange["kind"];
const TONE = { added: "pass", dropped: "fail", changed: "warn" } as const;

/** Which item to compare, and every paragraph of it that is not as it was. */
export function CompareSections(props: {
  data: Comparison;
  first: FilingHead;
  second: FilingHead;
}): ReactNode {
  const { data, first, second } = props;
  const [params, go] = useAddress();
  const named = data.sections.find((each) => each.second === params.get("section"));
  const pair = named ?? data.sections.find((each) => /risk factors/i.test(each.title)) ?? data.sections[0];
  const query = useChanges(first.id, second.id, pair?.second ?? null);
  if (first.id === second.id) {
    return <Empty>A filing has the sections of one period only. Choose another filing in “From”.</Empty>;
  }
  if (!pair) return <Empty>These two filings share no item by name.</Empty>;
  return (
    <div className="flex flex-col gap-3">
      <Field label="Section">
        <select
          className={INPUT}
          value={pair.second}
          onChange={(event) => go({ section: event.target.value })}
        >
          {data.sections.map((each) => (
            <option key={each.second} value={each.second}>
              {each.title}
            </option>
          ))}
        </select>
      </Field>
      <Loaded query={query} label="the changes">
        {(changes) => <Changes key={pair.second} data={changes} />}
      </Loaded>
    </div>
  );
}

function Changes({ data }: { data: SectionChanges }): ReactNode {
  const [kind, setKind] = useState<Kind | "all">("all");
  const shown = data.changes.filter((each) => kind === "all" || each.kind === kind);
  return (
    <>
      <div className="w-fit max-w-full overflow-x-auto">
        <Choice
          label="Which changes"
          value={kind}
          options={[
            { value: "all", label: `All ${data.changes.length}` },
            { value: "added", label: `Added ${data.added}` },
            { value: "dropped", label: `Dropped ${data.dropped}` },
            { value: "changed", label: `Changed ${data.changed}` },
          ]}
          onChange={setKind}
        />
      </div>
      <p className="text-compact text-fg3" role="status">
        Paragraphs and headlines paired by their words; {data.same} are as they were and not shown.
      </p>
      {shown.length === 0 ? <Empty>Nothing of this kind.</Empty> : null}
      <ol aria-label="Changes" className="flex flex-col gap-3">
        {shown.map((each) => (
          <Change
            key={`${each.kind}-${(each.after ?? each.before)?.start}`}
            change={each}
            first={data.first}
            second={data.second}
          />
        ))}
      </ol>
    </>
  );
}

function Change(props: { change: SectionChange; first: string; second: string }): ReactNode {
  const { change } = props;
  return (
    <li className="rounded-card border border-line bg-s1 p-3">
      <p className="mb-1 flex gap-2">
        <Badge tone={TONE[change.kind]}>{change.kind}</Badge>
        {change.heading ? <Badge tone="quiet">headline</Badge> : null}
      </p>
      <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
        <Half place={change.before} title={props.first}>
          {change.kind === "changed" ? <Words change={change} hide="added" /> : null}
        </Half>
        <Half place={change.after} title={props.second}>
          {change.kind === "changed" ? <Words change={change} hide="dropped" /> : null}
        </Half>
      </div>
    </li>
  );
}

function Half(props: { place: FilingPlace | null; title: string; children: ReactNode }): ReactNode {
  const { place } = props;
  if (!place) return <p className="text-compact leading-5 text-fg3">not in {props.title}</p>;
  return (
    <div className="text-desk">
      <Link className="block text-compact leading-5 text-accent underline" href={placePath(place)}>
        {props.title}, p. {place.page}
      </Link>
      <p className="break-words whitespace-pre-line">{props.children ?? place.quote}</p>
    </div>
  );
}

function Words({ change, hide }: { change: SectionChange; hide: "added" | "dropped" }): ReactNode {
  return change.pieces
    .filter((piece) => piece.mark !== hide)
    .map((piece, at) => {
      const key = `${at.toString()}-${piece.mark}`;
      if (piece.mark === "added") {
        return (
          <ins key={key} className="tint text-up">
            {piece.text}
          </ins>
        );
      }
      return piece.mark === "dropped" ? (
        <del key={key} className="tint text-down">
          {piece.text}
        </del>
      ) : (
        <span key={key}>{piece.text}</span>
      );
    });
}
