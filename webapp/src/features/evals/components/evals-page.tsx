"use client";
import type { ReactNode } from "react";
import type { EvalRun, Suite } from "@/client/contract-desk";
import { sentence } from "@/client/http";
import { useEvals, useStartEval } from "@/client/queries-desk";
import { usePerson } from "@/features/shell/components/person";
import { StateBadge } from "@/features/ui/badge";
import { Button } from "@/features/ui/controls";
import { formatPlain, formatTime } from "@/features/ui/format";
import { Empty, Loaded, Panel } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";
import { useQueryParam } from "@/features/ui/use-query-param";
import { ModelsPanel } from "./models-panel";
import { PromptsPanel } from "./prompts-panel";
import { RunDetail } from "./run-detail";
import { TryPanel } from "./try-panel";
import { TurnsPanel } from "./turns-panel";

const newest = (a: EvalRun, b: EvalRun) => (b.started_at ?? "").localeCompare(a.started_at ?? "");

export function EvalsPage(): ReactNode {
  const query = useEvals();
  const [picked, setPicked] = useQueryParam("run");
  return (
    <div className="grid grid-cols-1 gap-2 lg:min-h-full lg:grid-cols-[minmax(0,1fr)_minmax(0,1.2fr)] lg:grid-rows-2">
      <h1 className="sr-only">Evals</h1>
      <Panel title="Suites">
        <Loaded
          query={query}
          label="suites"
          isEmpty={(data) => data.suites.length === 0}
          empty="No suites are installed."
        >
          {(data) => <Suites suites={data.suites} runs={data.runs} onStarted={setPicked} />}
        </Loaded>
      </Panel>
      <div className="contents lg:block lg:row-span-2 lg:min-h-0">
        {picked ? (
          <RunDetail key={picked} id={picked} />
        ) : (
          <Panel title="Result" className="lg:h-full">
            <Empty>Run a suite, or choose a run, to see its metrics and its failed cases.</Empty>
          </Panel>
        )}
      </div>
      <Panel title="Runs, newest first">
        <Loaded
          query={query}
          label="runs"
          isEmpty={(data) => data.runs.length === 0}
          empty="No runs yet. Run starts one; “tenor evals run SUITE” does the same."
        >
          {(data) => (
            <Table
              caption="Runs"
              rows={[...data.runs].sort(newest)}
              rowKey={(row) => row.id}
              selected={picked}
              columns={[
                {
                  head: "Run",
                  cell: (row) => (
                    <button
                      type="button"
                      className="min-h-6 text-accent underline"
                      onClick={() => setPicked(row.id)}
                    >
                      {row.id}
                    </button>
                  ),
                },
                { head: "Suite", cell: (row) => row.suite },
                { head: "State", cell: (row) => <StateBadge state={row.state} /> },
                {
                  head: "Passed",
                  cell: (row) =>
                    row.result
                      ? `${formatPlain(row.result.passed)} of ${formatPlain(row.result.cases)}`
                      : "—",
                  right: true,
                },
                { head: "Started", cell: (row) => formatTime(row.started_at), right: true, wide: true },
              ]}
            />
          )}
        </Loaded>
      </Panel>
      <div className="flex min-w-0 flex-col gap-2 lg:col-span-2">
        <TurnsPanel />
        <ModelsPanel />
        <PromptsPanel />
        <TryPanel />
      </div>
    </div>
  );
}

function Suites(props: { suites: Suite[]; runs: EvalRun[]; onStarted: (id: string) => void }): ReactNode {
  const person = usePerson();
  const start = useStartEval();
  const may = person.role === "evaluator" || person.role === "administrator";
  const running = new Set(props.runs.filter((run) => run.state === "running").map((run) => run.suite));
  return (
    <>
      {start.error ? (
        <p role="alert" className="p-3 text-down">
          ✕ {sentence(start.error)}
        </p>
      ) : null}
      <ul>
        {props.suites.map((suite) => (
          <li key={suite.name} className="flex items-center gap-3 border-b border-line px-3 py-2">
            <div className="min-w-0 flex-1 text-compact">
              <p>
                <b className="font-semibold">{suite.name}</b>{" "}
                <span className="text-fg3">{formatPlain(suite.cases)} cases</span>
              </p>
              <p className="text-fg2">{suite.description}</p>
              <p className="text-head text-fg3">{suite.metrics.join(", ")}</p>
            </div>
            <Button
              disabled={!may || start.isPending || running.has(suite.name)}
              title={may ? undefined : "Evaluators and administrators start runs"}
              aria-label={`Run the suite ${suite.name}`}
              onClick={() => start.mutate(suite.name, { onSuccess: ({ id }) => props.onStarted(id) })}
            >
              {running.has(suite.name) ? "Running…" : "Run"}
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}
