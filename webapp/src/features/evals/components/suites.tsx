"use client";
import type { ReactNode } from "react";
import type { EvalList } from "@/client/contract-desk";
import { sentence } from "@/client/http";
import { type Start, useStartEval } from "@/client/queries-evals";
import { usePerson } from "@/features/shell/components/person";
import { Button } from "@/features/ui/controls";
import { formatPlain } from "@/features/ui/format";

/** Suites, and sets of cases made of conversations: each can be run, a stopped run can go on. */
export function Suites(props: { data: EvalList; onStarted: (id: string) => void }): ReactNode {
  const { suites, sets, runs } = props.data;
  const person = usePerson();
  const start = useStartEval();
  const may = person.role === "evaluator" || person.role === "administrator";
  const running = new Set(runs.filter((run) => run.state === "running").map((run) => run.suite));
  const stopped = new Set(runs.filter((run) => run.state === "stopped").map((run) => run.suite));
  const begin = (how: Start) => start.mutate(how, { onSuccess: ({ id }) => props.onStarted(id) });
  const button = (how: Start, label: string, word: string) => (
    <Button
      disabled={!may || start.isPending || running.has(how.suite)}
      title={may ? undefined : "Evaluators and administrators start runs"}
      aria-label={label}
      onClick={() => begin(how)}
    >
      {word}
    </Button>
  );
  return (
    <>
      {start.error ? (
        <p role="alert" className="p-3 text-down">
          ✕ {sentence(start.error)}
        </p>
      ) : null}
      <ul>
        {suites.map((suite) => (
          <li key={suite.name} className="flex items-center gap-3 border-b border-line px-3 py-2">
            <div className="min-w-0 flex-1 text-compact">
              <p>
                <b className="font-semibold">{suite.name}</b>{" "}
                <span className="text-fg3">{formatPlain(suite.cases)} cases</span>
              </p>
              <p className="text-fg2">{suite.description}</p>
              <p className="text-head text-fg3">{suite.metrics.join(", ")}</p>
            </div>
            {stopped.has(suite.name)
              ? button({ suite: suite.name, resume: true }, `Go on with the suite ${suite.name}`, "Go on")
              : null}
            {button(
              { suite: suite.name },
              `Run the suite ${suite.name}`,
              running.has(suite.name) ? "Running…" : "Run",
            )}
          </li>
        ))}
        {sets.map((set) => (
          <li key={`set ${set.name}`} className="flex items-center gap-3 border-b border-line px-3 py-2">
            <p className="min-w-0 flex-1 text-compact">
              <b className="font-semibold">{set.name}</b>{" "}
              <span className="text-fg3">
                {formatPlain(set.cases)} {set.cases === 1 ? "case" : "cases"} made of conversations
              </span>
            </p>
            {button({ suite: "smoke", set: set.name }, `Run the set ${set.name}`, "Run")}
          </li>
        ))}
      </ul>
    </>
  );
}
