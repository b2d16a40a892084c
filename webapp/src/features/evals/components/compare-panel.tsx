"use client";
import type { ReactNode } from "react";
import type { EvalRun } from "@/client/contract-desk";
import { type Comparison, type MetricChange, useComparison } from "@/client/queries-evals";
import { Badge } from "@/features/ui/badge";
import { Field, INPUT } from "@/features/ui/controls";
import { formatTime } from "@/features/ui/format";
import { Empty, Loaded } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";
import { useQueryParam } from "@/features/ui/use-query-param";
import { metricText, pointsText } from "../lib/metrics";

/** The run on screen against an earlier one of its suite: the difference first. */
export function ComparePanel({ run, runs }: { run: EvalRun; runs: EvalRun[] }): ReactNode {
  const [against, setAgainst] = useQueryParam("against");
  const data = run.result?.origin?.data;
  const others = runs.filter(
    (each) =>
      each.suite === run.suite && each.id !== run.id && each.result && each.result.origin?.data === data,
  );
  const picked = others.some((each) => each.id === against) ? against : null;
  const query = useComparison(picked, run.id);
  if (others.length === 0)
    return <p className="text-compact text-fg2">No other finished run of {run.suite} to compare with.</p>;
  return (
    <section aria-label="Comparison" className="flex flex-col gap-3">
      <Field label="Compare with">
        <select
          className={`${INPUT} max-w-96`}
          value={picked ?? ""}
          onChange={({ target }) => setAgainst(target.value || null)}
        >
          <option value="">no other run</option>
          {others.map((each) => (
            <option key={each.id} value={each.id}>
              {each.id}, {formatTime(each.started_at)}
            </option>
          ))}
        </select>
      </Field>
      {picked ? (
        <Loaded query={query} label="the comparison">
          {(found) => <Compared found={found} />}
        </Loaded>
      ) : null}
    </section>
  );
}

function Compared({ found }: { found: Comparison }): ReactNode {
  const { passed } = found;
  const changed = [found.costly, found.cost_usd, found.p50_ms, ...found.metrics].filter(
    (each): each is MetricChange => each !== null && each.delta !== null && each.delta !== 0,
  );
  return (
    <div className="flex flex-col gap-3">
      <p className="text-h2 font-semibold">{pointsText(passed.delta)} points</p>
      <p>
        {passed.verdict}{" "}
        <span className="text-fg2">
          95 %: {pointsText(passed.low)} to {pointsText(passed.high)} over {found.cases} cases
          {passed.p === null ? "" : `, p = ${passed.p.toPrecision(2)}`}
        </span>
      </p>
      {found.costly ? (
        <p className="border-l-2 border-warn pl-2">
          Costly error {found.costly.metric}: {metricText(found.costly.metric, found.costly.a)} →{" "}
          {metricText(found.costly.metric, found.costly.b)}{" "}
          <span className="text-fg2">({found.costly_means})</span>
        </p>
      ) : null}
      {found.notes.length > 0 ? (
        <ul className="list-disc pl-5 text-compact text-fg2">
          {found.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      ) : null}
      {found.flipped.length === 0 ? (
        <Empty>No case changed its verdict.</Empty>
      ) : (
        <Table
          caption="Cases that changed"
          rows={found.flipped}
          rowKey={(row) => row.id}
          columns={[
            { head: "Case", cell: (row) => row.id },
            {
              head: "Now",
              cell: (row) =>
                row.fixed ? <Badge tone="pass">fixed</Badge> : <Badge tone="fail">broken</Badge>,
            },
            { head: "Reason", cell: (row) => row.a_reason || row.b_reason },
          ]}
        />
      )}
      {changed.length > 0 ? (
        <Table
          caption="Metrics that changed"
          rows={changed.filter((row, at) => changed.findIndex((each) => each.metric === row.metric) === at)}
          rowKey={(row) => row.metric}
          columns={[
            { head: "Metric", cell: (row) => row.metric },
            { head: "Before", cell: (row) => metricText(row.metric, row.a), right: true },
            { head: "Now", cell: (row) => metricText(row.metric, row.b), right: true },
            { head: "Change", cell: (row) => metricText(row.metric, row.delta), right: true },
          ]}
        />
      ) : null}
    </div>
  );
}
