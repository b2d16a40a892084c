"use client";
import Link from "next/link";
import type { ReactNode } from "react";
import type { Answer, Citation } from "@/client/contract";
import { ExpiryTimer } from "@/features/approvals/components/expiry-timer";
import { Badge } from "@/features/ui/badge";
import { formatMs, formatNumber, formatPlain, NONE } from "@/features/ui/format";
import { Banner } from "@/features/ui/panel";
import { AnswerCards } from "./answer-cards";
import { FactList } from "./fact-card";
import { FactText } from "./fact-text";
import { ReplayLine } from "./replay-line";

export function citationPath(citation: Citation): string {
  const query = new URLSearchParams({ id: citation.filing });
  if (citation.start !== null && citation.end !== null) {
    query.set("start", String(citation.start));
    query.set("end", String(citation.end));
  }
  return `/filings/?${query}`;
}

export function AnswerView({ answer }: { answer: Answer }): ReactNode {
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap gap-1">
        {answer.agents.map((agent) => (
          <Badge key={agent} tone="quiet">
            {agent.replaceAll("_", " ")}
          </Badge>
        ))}
        {answer.approval?.warning ? <Badge tone="warn">your own choice, not recommended</Badge> : null}
        {answer.abstained ? <Badge tone="warn">abstained: no source found</Badge> : null}
      </div>
      {answer.read_as ? <p className="text-compact text-fg2">Read as: “{answer.read_as}”</p> : null}
      {answer.refusal ? (
        <Banner tone="warn">
          ✕ Refused by the rule “{answer.refusal.rule.replaceAll("_", " ")}”:{" "}
          {formatPlain(answer.refusal.value)}, limit {formatPlain(answer.refusal.limit)}
        </Banner>
      ) : null}
      <div className="prose-answer text-form">
        <FactText
          text={answer.answer || "No agent here could answer this. Ask in other words, or pick an example."}
          facts={answer.facts}
        />
      </div>
      {answer.approval ? (
        <Banner tone="info">
          ▣ Waits for a yes:{" "}
          <Link href={`/approvals/?id=${encodeURIComponent(answer.approval.id)}`} className="underline">
            open proposal {answer.approval.id}
          </Link>
          , expires in <ExpiryTimer at={answer.approval.expires_at} />
        </Banner>
      ) : null}
      <AnswerCards cards={answer.cards} />
      {answer.citations.length > 0 ? <Citations citations={answer.citations} /> : null}
      {answer.facts.length > 0 ? (
        <details className="rounded-ctl border border-line px-3 py-2">
          <summary className="cursor-pointer text-compact text-fg2">
            Facts used: {answer.facts.length}
          </summary>
          <FactList facts={answer.facts} />
        </details>
      ) : null}
      <PriceTag answer={answer} />
      <ReplayLine run={answer.run} />
    </div>
  );
}

export function Citations({ citations }: { citations: Citation[] }): ReactNode {
  return (
    <ol className="flex flex-col gap-2" aria-label="Sources">
      {citations.map((citation, at) => (
        <li key={`${citation.filing}-${citation.start}-${citation.quote}`} className="text-compact">
          <Source citation={citation} number={at + 1} />
          <q className="block border-l-2 border-warn pl-2 text-fg2">{citation.quote}</q>
        </li>
      ))}
    </ol>
  );
}

/** A rule of the rulebook and an entry of the knowledge base stand whole in the answer; a filing opens at the passage. */
function Source({ citation, number }: { citation: Citation; number: number }): ReactNode {
  const words = `[${number}] ${[
    citation.document,
    citation.page === null ? "" : `p. ${citation.page}`,
    citation.section,
  ]
    .filter(Boolean)
    .join(", ")}`;
  if (/^(?:rule|knowledge):/.test(citation.filing)) return <span className="font-medium">{words}</span>;
  return (
    <Link href={citationPath(citation)} className="text-accent underline">
      {words}
    </Link>
  );
}

/** What the answer cost: time, tokens, money, and who wrote the words. */
export function PriceTag(props: {
  answer: Pick<Answer, "timings" | "tokens" | "cost_usd" | "narrator" | "fallback">;
}): ReactNode {
  const { answer } = props;
  const { timings } = answer;
  const offline = answer.narrator === "offline narrator";
  return (
    <p className="flex flex-wrap gap-x-3 text-head text-fg3">
      <span>{formatMs(timings.total_ms)} in all</span>
      <span>route {formatMs(timings.route_ms)}</span>
      <span>first word {formatMs(timings.first_ms)}</span>
      <span>{answer.tokens === null ? NONE : formatNumber(answer.tokens, 0)} tokens</span>
      <span>{answer.cost_usd === null ? NONE : formatNumber(answer.cost_usd, 4)} USD</span>
      <span className={offline ? "text-sim" : ""}>
        {offline ? "Offline narrator: template text, no model" : `Written by ${answer.narrator}`}
      </span>
      {answer.fallback ? <span className="text-warn">fell back: {answer.fallback}</span> : null}
    </p>
  );
}
