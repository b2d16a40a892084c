"use client";
import dynamic from "next/dynamic";
import Link from "next/link";
import type { ReactNode } from "react";
import { ApiProblem, sentence } from "@/client/http";
import { type Run, useRun } from "@/client/queries-runs";
import { Citations, PriceTag } from "@/features/chat/components/answer-view";
import { ReplayLine } from "@/features/chat/components/replay-line";
import { usePerson } from "@/features/shell/components/person";
import { AgentText } from "@/features/ui/agent-text";
import { Badge } from "@/features/ui/badge";
import { formatMs, formatNumber, formatPlain, formatTime, shortHash } from "@/features/ui/format";
import { Banner, Empty, Loaded, Panel, Skeleton } from "@/features/ui/panel";
import { useQueryParam } from "@/features/ui/use-query-param";
import { agentName } from "../lib/run";
import { FactsPanel } from "./facts-panel";
import { OriginDialog } from "./origin-dialog";
import { OutcomePanel } from "./outcome-panel";
import { PartsPanel } from "./parts-panel";
import { ScannerLine } from "./scanner-line";

const Markdown = dynamic(() => import("@/features/ui/markdown").then((module) => module.Markdown), {
  loading: () => <Skeleton label="the answer" />,
});

export function RunsPage(): ReactNode {
  const [id] = useQueryParam("id");
  return (
    <div className="flex flex-col gap-2">
      <h1 className="sr-only">Trace of a run</h1>
      {id ? <RunBody key={id} id={id} /> : <NoRun />}
    </div>
  );
}

function NoRun(): ReactNode {
  return (
    <Panel title="Trace">
      <Empty>
        No run is named. Ask in{" "}
        <Link href="/chat/" className="text-accent underline">
          Chat
        </Link>{" "}
        and follow Trace under the answer.
      </Empty>
    </Panel>
  );
}

function RunBody({ id }: { id: string }): ReactNode {
  const query = useRun(id);
  const [fact, setFact] = useQueryParam("fact");
  if (query.data === undefined && query.error instanceof ApiProblem && query.error.status >= 400) {
    return <Unreadable problem={query.error} />;
  }
  return (
    <Loaded query={query} label="the run">
      {(run) => (
        <>
          <WordsPanel run={run} />
          <div id="agents">
            <PartsPanel parts={run.parts} onFact={setFact} />
          </div>
          <div id="facts">
            <FactsPanel run={run} onFact={setFact} />
          </div>
          <div id="answer">
            <AnswerPanel run={run} onFact={setFact} />
          </div>
          <div id="outcome">
            <OutcomePanel proposal={run.proposal} ended={run.approval !== null} />
          </div>
          {fact ? <OriginDialog run={run.run} fact={fact} onFact={setFact} /> : null}
        </>
      )}
    </Loaded>
  );
}

const WHY: Record<number, string> = {
  403: "You may not read runs with this session.",
  404: "There is no such run, it is no longer kept, or somebody else asked it: then only they, compliance and evaluators read it.",
  409: "The record does not match the audit log, so nothing of it is shown.",
  422: "The record was written by another version, in a format that this one does not read.",
};

function Unreadable({ problem }: { problem: ApiProblem }): ReactNode {
  return (
    <Panel title="Trace">
      <div role="alert" className="flex flex-col gap-2 p-4 text-desk">
        <p className="font-medium text-down">✕ This run cannot be shown.</p>
        <p>{WHY[problem.status] ?? "The server could not answer."}</p>
        <p className="break-words text-fg2">{sentence(problem)}</p>
        <p>
          <Link href="/chat/" className="text-accent underline">
            Back to Chat
          </Link>
        </p>
      </div>
    </Panel>
  );
}

/** What became of the run, in few words. */
function ending({ proposal, approval }: Run): string {
  const order = proposal?.orders[0]?.order;
  if (order && order.state !== "proposed") return `Order ${order.state}`;
  if (proposal) return proposal.open ? `Proposal ${proposal.state}` : "Proposal";
  return approval === null ? "No proposal" : "Proposal no longer kept";
}

/** The steps of the page, the last one with its state, so that nobody scrolls for it. */
function Steps({ run }: { run: Run }): ReactNode {
  const steps = [
    ["agents", `Agents ${run.parts.length}`],
    ["facts", `Facts ${run.facts.length}`],
    ["answer", "Answer"],
    ["outcome", ending(run)],
  ] as const;
  return (
    <nav aria-label="Steps of the run" className="flex flex-wrap gap-x-4">
      {steps.map(([id, name]) => (
        <a key={id} href={`#${id}`} className="py-1 text-compact text-accent underline">
          {name}
        </a>
      ))}
    </nav>
  );
}

/** What was asked, as it was understood, and who was chosen to answer. */
function WordsPanel({ run }: { run: Run }): ReactNode {
  const person = usePerson();
  const { route } = run;
  return (
    <Panel title="1 Words and route" aside={<Badge tone="sim">SIMULATED market</Badge>}>
      <div className="flex flex-col gap-2 p-3">
        <p className="text-h2 font-semibold break-words">“{run.asked}”</p>
        {run.read_as ? <p className="text-desk text-fg2">Read as: “{run.read_as}”</p> : null}
        <p className="text-desk text-fg2">
          Asked by {run.person}, {formatTime(run.at)}.{" "}
          {run.person === person.name ? (
            <Link href={`/chat/?thread=${encodeURIComponent(run.thread)}`} className="text-accent underline">
              The conversation
            </Link>
          ) : null}
        </p>
        <p className="text-desk">
          Routed by <b className="font-semibold">{agentName(route.by)}</b> in {formatMs(route.ms)}
          {route.confidence === null ? "" : `, ${formatNumber(route.confidence * 100, 0)} % sure`} to{" "}
          {route.agents.map(agentName).join(" → ")}
          {route.choices.length > 0 ? `; also thought of ${route.choices.map(agentName).join(", ")}` : ""}
        </p>
        <Steps run={run} />
        <p className="text-head text-fg3">
          Run <code>{run.run}</code>, recorded by Tenor {run.product}, record SHA-256{" "}
          <code title={run.hash}>{shortHash(run.hash)}</code>
        </p>
      </div>
    </Panel>
  );
}

function AnswerPanel({ run, onFact }: { run: Run; onFact: (id: string) => void }): ReactNode {
  return (
    <Panel title="4 Answer">
      <div className="flex flex-col gap-3 p-3">
        {run.refusal ? (
          <Banner tone="warn">
            ✕ Refused by the rule “{run.refusal.rule.replaceAll("_", " ")}”: {formatPlain(run.refusal.value)},
            limit {formatPlain(run.refusal.limit)}
          </Banner>
        ) : null}
        {run.abstained ? <Badge tone="warn">abstained: no source found</Badge> : null}
        <AgentText title={run.model === "offline narrator" ? "Written by plans" : `Written by ${run.model}`}>
          <div className="prose-answer">
            <Markdown text={run.answer} onFact={onFact} />
          </div>
        </AgentText>
        {run.citations.length > 0 ? <Citations citations={run.citations} /> : null}
        <PriceTag answer={{ ...run, narrator: run.model }} />
        <ReplayLine run={run.run} traced />
        <ScannerLine scan={run.scan} />
      </div>
    </Panel>
  );
}
