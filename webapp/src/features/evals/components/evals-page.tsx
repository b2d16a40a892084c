"use client";
import type { ReactNode } from "react";
import type { EvalRun } from "@/client/contract-desk";
import { useEvals } from "@/client/queries-desk";
import { StateBadge } from "@/features/ui/badge";
import { formatPlain, formatTime } from "@/features/ui/format";
import { Empty, Loaded, Panel } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";
import { useQueryParam } from "@/features/ui/use-query-param";
import { ModelsPanel } from "./models-panel";
import { PromptsPanel } from "./prompts-panel";
import { RunDetail } from "./run-detail";
import { Suites } from "./suites";
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
          {(data) => <Suites data={data} onStarted={setPicked} />}
        </Loaded>
      </Panel>
      <div className="contents lg:block lg:row-span-2 lg:min-h-0">
        {picked ? (
          <RunDetail key={picked} id={picked} runs={query.data?.runs ?? []} />
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
                {
                  head: "Suite",
                  cell: (row) =>
                    row.result?.origin?.data ? `${row.suite}, ${row.result.origin.data}` : row.suite,
                },
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
