"use client";
import dynamic from "next/dynamic";
import type { ReactNode } from "react";
import type { RunPart } from "@/client/queries-runs";
import { formatMs, formatNumber } from "@/features/ui/format";
import { Panel } from "@/features/ui/panel";
import { barOf } from "../lib/run";

const Markdown = dynamic(() => import("@/features/ui/markdown").then((module) => module.Markdown));
type OnFact = (id: string) => void;

/** Each agent's part in the order of speaking: time as a bar, what it cost, its calls, its words. */
export function PartsPanel({ parts, onFact }: { parts: RunPart[]; onFact: OnFact }): ReactNode {
  return (
    <Panel title={`2 Agents: ${parts.length}`}>
      <ol className="flex flex-col" aria-label="Agents' parts">
        {parts.map((part, at) => (
          <li
            key={part.agent}
            className="flex flex-col gap-1 border-t border-line px-3 py-2 first:border-t-0"
          >
            <Head part={part} number={at + 1} bar={barOf(part, parts)} />
            <Voice part={part} />
            <div className="grid grid-cols-1 gap-x-6 gap-y-1 md:grid-cols-2">
              <Calls part={part} onFact={onFact} />
              <Words part={part} onFact={onFact} />
            </div>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function Head({ part, number, bar }: { part: RunPart; number: number; bar: number }): ReactNode {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 text-desk sm:grid-cols-[200px_minmax(0,1fr)_80px]">
      <h3 className="font-semibold">
        <span className="text-fg3">{number}</span> {part.title}
      </h3>
      <span className="h-2 rounded-cell bg-s3 max-sm:order-last max-sm:col-span-2" aria-hidden="true">
        <span className="block h-full min-w-0.5 rounded-cell bg-accent" style={{ width: `${bar}%` }} />
      </span>
      <span className="text-right">{formatMs(part.ms)}</span>
    </div>
  );
}

/** Prompt, model, tokens and money; why a model's words are not shown. */
function Voice({ part }: { part: RunPart }): ReactNode {
  return (
    <>
      <p className="flex flex-wrap gap-x-3 text-compact text-fg2">
        <span title={part.prompt_hash}>prompt {part.prompt}</span>
        <span>
          {part.model === "offline narrator" ? "words by its plan, no model" : `words by ${part.model}`}
        </span>
        {part.asked && part.asked !== part.model ? <span>asked {part.asked}</span> : null}
        <span>{formatNumber(part.tokens_in + part.tokens_out, 0)} tokens</span>
        <span>{formatNumber(part.cost_usd, 4)} USD</span>
      </p>
      {part.fallback ? <p className="text-compact text-warn">fell back: {part.fallback}</p> : null}
      {part.passed ? <p className="text-compact text-warn">passed over: {part.passed}</p> : null}
      {part.tries.length > 0 ? (
        <details className="text-compact">
          <summary className="cursor-pointer py-1 text-fg2">Models asked: {part.tries.length}</summary>
          <ul className="list-disc pl-5">
            {part.tries.map((one, at) => (
              <li key={`${one.model}-${at.toString()}`}>
                {one.model}, {formatMs(one.ms)}, {formatNumber(one.tokens, 0)} tokens,{" "}
                {formatNumber(one.cost_usd, 4)} USD{one.reason ? `; not used: ${one.reason}` : ""}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </>
  );
}

function Calls({ part, onFact }: { part: RunPart; onFact: OnFact }): ReactNode {
  if (part.calls.length === 0) return <p className="text-compact text-fg3">It called no tool.</p>;
  return (
    <ul className="flex flex-col gap-0.5">
      {part.calls.map((call) => (
        <li key={call.number}>
          <details className="text-compact">
            <summary className="cursor-pointer py-1 text-fg2">
              <span className={call.ok ? "text-up" : "text-down"}>{call.ok ? "✓" : "✕ failed"}</span>{" "}
              {call.tool}, {call.facts.length} {call.facts.length === 1 ? "fact" : "facts"}
            </summary>
            <pre className="overflow-x-auto rounded-ctl bg-s3 p-2 font-mono text-head">
              {JSON.stringify(call.arguments, null, 1)}
            </pre>
            {call.error ? <p className="text-down">✕ {call.error}</p> : null}
            <p className="flex flex-wrap gap-x-3">
              {call.facts.map((fact) => (
                <button
                  key={fact}
                  type="button"
                  className="min-h-6 text-accent underline"
                  onClick={() => onFact(fact)}
                >
                  {fact}
                </button>
              ))}
            </p>
          </details>
        </li>
      ))}
    </ul>
  );
}

function Words({ part, onFact }: { part: RunPart; onFact: OnFact }): ReactNode {
  if (!part.text) {
    return <p className="text-compact text-fg3">Its words cannot be told apart; see the whole answer.</p>;
  }
  return (
    <details className="text-compact">
      <summary className="cursor-pointer py-1 text-fg2">
        What it said, {part.shows.length} {part.shows.length === 1 ? "fact" : "facts"} shown
      </summary>
      <div className="prose-answer border-l-2 border-sim pl-3 text-desk">
        <Markdown text={part.text} onFact={onFact} />
      </div>
    </details>
  );
}
