"use client";
import type { ReactNode } from "react";
import { CaseMaker } from "@/features/evals/components/case-maker";
import { Button } from "@/features/ui/controls";
import { formatMs, formatNumber } from "@/features/ui/format";
import { Icon } from "@/features/ui/icons";
import { useNow } from "@/features/ui/use-now";
import type { Route, Step, Turn } from "../lib/turn";
import { AnswerView } from "./answer-view";

const STEP_WORD = {
  queued: ["○", "text-fg3"],
  started: ["◐", "text-accent"],
  finished: ["✓", "text-up"],
  failed: ["✕", "text-down"],
} as const;

function StepLine({ step }: { step: Step }): ReactNode {
  const [glyph, tone] = STEP_WORD[step.state];
  return (
    <li>
      <span className="flex gap-2">
        <span className={tone} aria-hidden="true">
          {glyph}
        </span>
        <span>{agentName(step.agent)}</span>
        <span className="text-fg3">
          {step.state}
          {step.ms === null ? "" : `, ${formatMs(step.ms)}`}
        </span>
      </span>
      {step.tools.map((tool, at) => (
        <details key={`${tool.tool}-${at.toString()}`} className="ml-5">
          <summary className="cursor-pointer text-fg2">
            <span className={tool.ok ? "text-up" : "text-down"}>{tool.ok ? "✓" : "✕ failed"}</span>{" "}
            {tool.tool}: {tool.summary} {tool.ms === null ? "" : `(${formatMs(tool.ms)})`}
          </summary>
          <pre className="overflow-x-auto rounded-ctl bg-s3 p-2 font-mono text-head">
            {JSON.stringify(tool.arguments, null, 1)}
          </pre>
        </details>
      ))}
    </li>
  );
}

const agentName = (agent: string) => agent.replaceAll("_", " ");

function routeText({ by, ms, confidence }: Route): string {
  const share = confidence === null ? "" : `, ${formatNumber(confidence * 100, 0)} % sure`;
  return `, routed by ${by.replaceAll("_", " ")} in ${formatMs(ms)}${share}`;
}

/** When the router was in doubt: ask the agent that did not answer. */
function OtherAgent({ turn, onAgent }: { turn: Turn; onAgent: (agent: string) => void }): ReactNode {
  const others =
    turn.route?.choices.filter((agent) => turn.steps.every((step) => step.agent !== agent)) ?? [];
  if (turn.state === "running" || others.length === 0) return null;
  return (
    <p className="flex flex-wrap items-center gap-3 text-compact text-fg2">
      Not what you meant?
      {others.map((agent) => (
        <Button key={agent} onClick={() => onAgent(agent)}>
          Ask {agentName(agent)} instead
        </Button>
      ))}
    </p>
  );
}

function Steps({ turn }: { turn: Turn }): ReactNode {
  if (turn.steps.length === 0) return null;
  return (
    <details open={turn.state === "running"} className="text-compact">
      <summary className="cursor-pointer text-fg2">
        {turn.steps.length} {turn.steps.length === 1 ? "agent" : "agents"}
        {turn.route ? routeText(turn.route) : ""}
      </summary>
      <ol className="flex flex-col gap-0.5 py-1">
        {turn.steps.map((step) => (
          <StepLine key={step.agent} step={step} />
        ))}
      </ol>
    </details>
  );
}

function Working({ turn, onStop }: { turn: Turn; onStop: () => void }): ReactNode {
  const seconds = Math.max(0, Math.floor((useNow() - turn.startedAt) / 1000));
  const done = turn.steps.filter((step) => step.state === "finished").length;
  const still = seconds >= 10 ? "Still working" : "Working";
  return (
    <div className="flex items-center gap-3 text-compact text-fg2">
      <span>
        {still}, {turn.steps.length ? `step ${done + 1} of ${turn.steps.length}, ` : ""}
        {seconds} s
      </span>
      <Button onClick={onStop}>
        <Icon name="stop" /> Stop
      </Button>
    </div>
  );
}

/** A new turn is brought into view once, by its beginning: a long answer before it must not hide it. */
const bringIntoView = (turn: HTMLElement | null): void => turn?.scrollIntoView({ block: "start" });

export function TurnView({
  turn,
  onStop,
  onRetry,
  onAgent,
}: {
  turn: Turn;
  onStop: () => void;
  onRetry: () => void;
  onAgent?: (agent: string) => void;
}): ReactNode {
  return (
    <article
      ref={bringIntoView}
      className="flex flex-col gap-2"
      aria-label={`Question: ${turn.question.slice(0, 80)}`}
    >
      <Question text={turn.question} />
      <div className="flex flex-col gap-2 rounded-card border border-line bg-s1 p-3">
        <Steps turn={turn} />
        {turn.state === "running" ? <Working turn={turn} onStop={onStop} /> : null}
        {turn.answer ? (
          <>
            <AnswerView answer={turn.answer} />
            <CaseMaker question={turn.question} answer={turn.answer} />
          </>
        ) : null}
        {onAgent ? <OtherAgent turn={turn} onAgent={onAgent} /> : null}
        {turn.state === "failed" || turn.state === "stopped" ? (
          <div role="alert" className="flex flex-wrap items-center gap-3 text-desk">
            <span className="text-fg2">
              {turn.state === "stopped" ? "Stopped by you. Nothing was sent to a market." : `✕ ${turn.error}`}
            </span>
            <Button onClick={onRetry}>
              <Icon name="retry" /> Ask again
            </Button>
          </div>
        ) : null}
      </div>
    </article>
  );
}

export function Question({ text }: { text: string }): ReactNode {
  return (
    <p className="ml-auto max-w-[85%] rounded-card bg-s3 px-3 py-2 text-form break-words whitespace-pre-wrap">
      {text}
    </p>
  );
}
