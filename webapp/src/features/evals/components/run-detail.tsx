"use client";
import { type ReactNode, useState } from "react";
import type { EvalResult, EvalRun } from "@/client/contract-desk";
import { useEvalRun } from "@/client/queries-desk";
import type { CaseResult } from "@/client/queries-evals";
import { Badge, StateBadge } from "@/features/ui/badge";
import { Choice } from "@/features/ui/controls";
import { formatMs, formatNumber, formatPlain } from "@/features/ui/format";
import { Empty, Loaded, Panel } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";
import { type MetricLine, metricLines, metricText } from "../lib/metrics";
import { CaseTrace, OpenCase } from "./case-trace";
import { ComparePanel } from "./compare-panel";

export function RunDetail({ id, runs }: { id: string; runs: EvalRun[] }): ReactNode {
  const query = useEvalRun(id);
  return (
    <Panel
      title={`Run ${id}`}
      className="lg:h-full"
      aside={query.data ? <StateBadge state={query.data.state} /> : null}
    >
      <Loaded query={query} label="the run">
        {(run) =>
          run.result ? (
            <div className="flex flex-col gap-4 p-3">
              <ComparePanel run={run} runs={runs} />
              <Result result={run.result} />
            </div>
          ) : run.state === "stopped" ? (
            <Empty>
              The run was stopped after {formatPlain(run.done)} of {formatPlain(run.cases)} results. “Go on”
              at its suite takes it up again.
            </Empty>
          ) : run.state === "failed" ? (
            <Empty>
              The run failed before it gave a result. Start it again; System shows what is unreachable.
            </Empty>
          ) : (
            <div className="flex flex-col gap-2 p-4" role="status">
              <label className="text-compact text-fg2" htmlFor="progress">
                Case {run.done ?? 0} of {run.cases ?? "?"}
              </label>
              <progress
                id="progress"
                className="h-2 w-full appearance-none overflow-hidden rounded-cell [&::-webkit-progress-bar]:bg-s3 [&::-webkit-progress-value]:bg-accent [&::-moz-progress-bar]:bg-accent"
                value={run.done ?? 0}
                max={run.cases || 1}
              />
            </div>
          )
        }
      </Loaded>
    </Panel>
  );
}

/** The share and its interval on a 0 to 1 line; only drawn for metrics that are shares. */
function IntervalBar({ line }: { line: MetricLine }): ReactNode {
  const { value, low, high } = line;
  if (value === null || low === null || high === null || low < 0 || high > 1) return null;
  return (
    <svg viewBox="0 0 100 8" className="h-2 w-24" aria-hidden="true" preserveAspectRatio="none">
      <rect x="0" y="3.5" width="100" height="1" className="fill-line" />
      <rect x={low * 100} y="2" width={Math.max(1, (high - low) * 100)} height="4" className="fill-edge" />
      <rect x={value * 100 - 0.8} y="0" width="1.6" height="8" className="fill-fg" />
    </svg>
  );
}

function Result({ result }: { result: EvalResult }): ReactNode {
  const [only, setOnly] = useState<"failed" | "all">("failed");
  const [opened, setOpened] = useState<CaseResult | null>(null);
  const cases = result.cases_detail ?? [];
  const shown = (only === "failed" ? cases.filter((each) => !each.passed) : cases).slice(0, 200);
  return (
    <>
      <p className="text-desk">
        {formatNumber(result.passed, 0)} of {formatNumber(result.cases, 0)} passed,{" "}
        {formatNumber(result.failed, 0)} failed
      </p>
      {result.costly ? (
        <p className="border-l-2 border-warn pl-2 text-compact">
          Costly error {result.costly.metric}: {metricText(result.costly.metric, result.costly.value)}{" "}
          <span className="text-fg2">({result.costly.means})</span>
        </p>
      ) : null}
      <Table
        caption="Metrics with their intervals"
        rows={metricLines(result)}
        rowKey={(row) => row.name}
        columns={[
          { head: "Metric", cell: (row) => row.name },
          { head: "Value", cell: (row) => metricText(row.name, row.value), right: true },
          {
            head: "Interval",
            cell: (row) =>
              row.low === null || row.high === null
                ? "none"
                : `${metricText(row.name, row.low)} to ${metricText(row.name, row.high)}`,
            right: true,
          },
          { head: "On 0 to 1", cell: (row) => <IntervalBar line={row} />, wide: true },
        ]}
      />
      <div className="w-52">
        <Choice
          label="Which cases"
          value={only}
          onChange={setOnly}
          options={[
            { value: "failed", label: `Failed (${formatNumber(result.failed, 0)})` },
            { value: "all", label: "All" },
          ]}
        />
      </div>
      {shown.length === 0 ? (
        <Empty>{cases.length === 0 ? "The result lists no cases." : "No case failed."}</Empty>
      ) : (
        <Table
          caption="Cases"
          rows={shown}
          rowKey={(row) => row.id}
          columns={[
            { head: "Case", cell: (row) => row.id },
            {
              head: "Verdict",
              cell: (row) =>
                row.passed ? <Badge tone="pass">passed</Badge> : <Badge tone="fail">failed</Badge>,
            },
            { head: "Score", cell: (row) => formatPlain(row.score), right: true },
            { head: "Reason", cell: (row) => row.reason ?? "—", wide: true },
            { head: "Time", cell: (row) => formatMs(row.ms), right: true, wide: true },
            { head: "USD", cell: (row) => formatNumber(row.cost_usd, 4), right: true, wide: true },
            {
              head: "Trace",
              cell: (row) => (row.passed ? null : <OpenCase id={row.id} onOpen={() => setOpened(row)} />),
            },
          ]}
        />
      )}
      <CaseTrace case={opened} onClose={() => setOpened(null)} />
    </>
  );
}
