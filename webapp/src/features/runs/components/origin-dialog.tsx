"use client";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import { useInstruments } from "@/client/queries";
import { type FactOrigin, useFactOrigin } from "@/client/queries-runs";
import { citationPath } from "@/features/chat/components/answer-view";
import { useShell } from "@/features/shell/hooks/use-shell";
import { Badge } from "@/features/ui/badge";
import { Button } from "@/features/ui/controls";
import { Dialog } from "@/features/ui/dialog";
import { Loaded } from "@/features/ui/panel";
import { agentName, pretty, reference } from "../lib/run";
import { asOf } from "./facts-panel";

type OnFact = (id: string | null) => void;

/** Where one figure comes from; its address can be sent to anybody who may read the run. */
export function OriginDialog(props: { run: string; fact: string; onFact: OnFact }): ReactNode {
  const query = useFactOrigin(props.run, props.fact);
  return (
    <Dialog open onOpenChange={() => props.onFact(null)} title={query.data?.fact.label ?? "Fact"}>
      <Loaded query={query} label="where the fact comes from">
        {(origin) => <Body origin={origin} onFact={props.onFact} />}
      </Loaded>
    </Dialog>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <>
      <dt className="text-fg2">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}

function Body({ origin, onFact }: { origin: FactOrigin; onFact: OnFact }): ReactNode {
  const { fact } = origin;
  const priced = useInstruments().data?.find((each) => each.id === origin.about?.id);
  const simulated = priced?.simulated || /simulated|demonstration/i.test(`${fact.source} ${fact.locator}`);
  return (
    <div className="flex flex-col gap-3 text-desk">
      <p className="flex flex-wrap items-center gap-3">
        <span className="text-h2 font-semibold">{fact.text}</span>
        {simulated ? <Badge tone="sim">SIMULATED</Badge> : null}
      </p>
      <dl className="grid grid-cols-[96px_minmax(0,1fr)] gap-x-3 gap-y-1 text-compact">
        <Row name="Exact value">
          {fact.value} {fact.unit}
          {fact.currency && fact.currency !== fact.unit ? `, ${fact.currency}` : ""}
        </Row>
        <Row name="As of">{asOf(fact.as_of)}</Row>
        <Row name="Source">{fact.source}</Row>
        <Row name="Place or formula">{fact.locator || "—"}</Row>
        <Row name="About">
          <About origin={origin} />
        </Row>
        <Row name="Registered by">
          {fact.agent ? agentName(fact.agent) : "—"}
          {fact.tool ? `, call ${fact.call}: ${fact.tool} ${origin.ok ? "✓" : "✕ failed"}` : ", its plan"}
          {origin.arguments ? (
            <pre className="overflow-x-auto rounded-ctl bg-s3 p-2 font-mono text-head">
              {pretty(origin.arguments)}
            </pre>
          ) : null}
        </Row>
        <Row name="Rests on">
          <Facts facts={origin.inputs} none="no other fact is named" onFact={onFact} />
        </Row>
        <Row name="Used for">
          <Facts facts={origin.named_by} none="no later fact names it" onFact={onFact} />
        </Row>
        <Row name="Shown at">
          <Places origin={origin} />
        </Row>
        <Row name="SHA-256">
          <code className="break-all text-head">{fact.hash}</code>
        </Row>
      </dl>
      <CopyReference origin={origin} />
    </div>
  );
}

/** The way to the thing itself: a filing at its line, an instrument's chart, an account's positions. */
function About({ origin }: { origin: FactOrigin }): ReactNode {
  const pick = useShell((shell) => shell.pick);
  const { about, citations } = origin;
  if (about === null) return "—";
  const look = "text-accent underline";
  if (about.kind === "filing") {
    return (
      <ul>
        {citations.map((citation) => (
          <li key={`${citation.start}-${citation.end}`}>
            <Link href={citationPath(citation)} className={look}>
              {citation.document}
              {citation.page === null ? "" : `, p. ${citation.page}`}
            </Link>
          </li>
        ))}
      </ul>
    );
  }
  if (about.kind === "account") {
    return (
      <Link href="/" className={look}>
        Account {about.id} on the desk
      </Link>
    );
  }
  return (
    <Link href="/" className={look} onClick={() => pick(about.id)}>
      {about.name} ({about.id}) on the desk
    </Link>
  );
}

function Facts(props: { facts: FactOrigin["inputs"]; none: string; onFact: OnFact }): ReactNode {
  if (props.facts.length === 0) return <span className="text-fg3">{props.none}</span>;
  return (
    <ul>
      {props.facts.map((fact) => (
        <li key={fact.id}>
          <button
            type="button"
            className="min-h-6 text-left text-accent underline"
            onClick={() => props.onFact(fact.id)}
          >
            {fact.label}
          </button>
          : {fact.text}
        </li>
      ))}
    </ul>
  );
}

function Places({ origin }: { origin: FactOrigin }): ReactNode {
  if (origin.places.length === 0) return <span className="text-fg3">nowhere in the answer</span>;
  return (
    <ul aria-label="Places of the answer" className="flex flex-col gap-1">
      {origin.places.map((place, at) => (
        <li key={`${place.agent}-${at.toString()}`}>
          <span className="text-fg2">{agentName(place.agent)}:</span> …{place.before}
          <mark className="cite-mark">{place.text}</mark>
          {place.after}…
        </li>
      ))}
    </ul>
  );
}

function CopyReference({ origin }: { origin: FactOrigin }): ReactNode {
  const [state, setState] = useState<"" | "copied" | "failed">("");
  const text = reference(origin);
  const copy = () => {
    navigator.clipboard.writeText(`${text}\n${window.location.href}`).then(
      () => setState("copied"),
      () => setState("failed"),
    );
  };
  return (
    <div className="flex flex-col gap-1">
      <p className="rounded-ctl bg-s3 p-2 text-head break-words select-all">{text}</p>
      <p className="flex items-center gap-3">
        <Button onClick={copy}>Copy reference</Button>
        <span role="status" className="text-compact text-fg2">
          {state === "copied"
            ? "✓ Copied"
            : state === "failed"
              ? "The browser forbids it; select the text"
              : ""}
        </span>
      </p>
    </div>
  );
}
