"use client";
import type { ReactNode } from "react";
import { sentence } from "@/client/http";
import { type AgentPrompts, useChangePrompts, usePrompts } from "@/client/queries-prompts";
import { usePerson } from "@/features/shell/components/person";
import { Button } from "@/features/ui/controls";
import { formatMs, formatNumber, NONE } from "@/features/ui/format";
import { Loaded, Panel } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";

const SHARE = 50;

/** Fault rate, latency and cost of one side of a trial. */
function runsText({ runs, fault_rate, mean_ms, mean_usd }: AgentPrompts["production_runs"]): string {
  if (runs === 0) return NONE;
  const faults = `${formatNumber((fault_rate ?? 0) * 100, 0)} % faults`;
  return `${formatNumber(runs, 0)} runs, ${faults}, ${formatMs(mean_ms)}, USD ${formatNumber(mean_usd, 4)}`;
}

export function PromptsPanel(): ReactNode {
  const query = usePrompts();
  const change = useChangePrompts();
  const person = usePerson();
  const may = person.role === "evaluator" || person.role === "administrator";
  return (
    <Panel title="Prompts">
      {change.error ? (
        <p role="alert" className="p-3 text-down">
          ✕ {sentence(change.error)}
        </p>
      ) : null}
      <Loaded query={query} label="prompts" isEmpty={(rows) => rows.length === 0} empty="No prompts.">
        {(rows) => (
          <Table
            caption="Prompt version of each agent"
            rows={rows}
            rowKey={(row) => row.agent}
            columns={[
              { head: "Agent", cell: (row) => row.agent.replaceAll("_", " ") },
              { head: "Production", cell: (row) => row.production },
              {
                head: "Candidate",
                cell: (row) => (row.candidate ? `${row.candidate}, ${row.share} %` : NONE),
              },
              { head: "Yours", cell: (row) => row.yours, wide: true },
              { head: "Production runs", cell: (row) => runsText(row.production_runs), wide: true },
              { head: "Candidate runs", cell: (row) => runsText(row.candidate_runs), wide: true },
              { head: "Last trial", cell: (row) => row.stopped || NONE, wide: true },
              {
                head: "Change",
                cell: (row) => (
                  <Changes row={row} disabled={!may || change.isPending} onChange={change.mutate} />
                ),
              },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}

function Changes({
  row,
  disabled,
  onChange,
}: {
  row: AgentPrompts;
  disabled: boolean;
  onChange: ReturnType<typeof useChangePrompts>["mutate"];
}): ReactNode {
  if (row.candidate) {
    const prompt = row.candidate;
    return (
      <span className="flex gap-1">
        <Button
          disabled={disabled}
          aria-label={`Make ${prompt} production`}
          onClick={() => onChange({ do: "label", prompt, label: "production", share: SHARE })}
        >
          Promote
        </Button>
        <Button
          disabled={disabled}
          aria-label={`Stop the trial of ${prompt}`}
          onClick={() => onChange({ do: "stop", agent: row.agent })}
        >
          Stop
        </Button>
      </span>
    );
  }
  const others = row.versions.filter((version) => version !== row.production);
  return (
    <span className="flex flex-wrap gap-1">
      {others.map((prompt) => (
        <Button
          key={prompt}
          disabled={disabled}
          title={disabled ? "Evaluators and administrators try prompts" : undefined}
          onClick={() => onChange({ do: "label", prompt, label: "candidate", share: SHARE })}
        >
          Try {prompt}
        </Button>
      ))}
    </span>
  );
}
