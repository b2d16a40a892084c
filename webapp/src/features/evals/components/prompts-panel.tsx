"use client";
import type { ReactNode } from "react";
import { sentence } from "@/client/http";
import { type AgentPrompts, useChangePrompts, usePrompts } from "@/client/queries-prompts";
import { usePerson } from "@/features/shell/components/person";
import { Badge } from "@/features/ui/badge";
import { formatMs, formatNumber, NONE } from "@/features/ui/format";
import { Loaded, Panel } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";
import { useQueryParam } from "@/features/ui/use-query-param";
import { usd } from "../lib/turns";
import { Picker } from "./picker";
import { PromptDetail } from "./prompt-detail";

const SHARE = 50;

/** Fault rate, latency and cost of one side of a trial. */
export function runsText({ runs, fault_rate, mean_ms, mean_usd }: AgentPrompts["production_runs"]): string {
  if (runs === 0) return "no runs yet";
  const faults = `${formatNumber((fault_rate ?? 0) * 100, 0)} % faults`;
  const times = runs === 1 ? "run" : "runs";
  return `${formatNumber(runs, 0)} ${times}, ${faults}, ${formatMs(mean_ms)}, ${usd(mean_usd)} USD`;
}

export const agentName = (agent: string) => agent.replaceAll("_", " ");

export function PromptsPanel(): ReactNode {
  const query = usePrompts();
  const change = useChangePrompts();
  const person = usePerson();
  const [open, setOpen] = useQueryParam("prompts");
  const may = person.role === "evaluator" || person.role === "administrator";
  return (
    <Panel title="Prompt of each agent">
      {change.error ? (
        <p role="alert" className="p-3 text-down">
          ✕ {sentence(change.error)}
        </p>
      ) : null}
      <Loaded query={query} label="prompts" isEmpty={(rows) => rows.length === 0} empty="No prompts.">
        {(rows) => {
          const opened = rows.find((row) => row.agent === open);
          return (
            <>
              <Table
                caption="Prompt version of each agent"
                rows={rows}
                rowKey={(row) => row.agent}
                selected={open}
                columns={[
                  {
                    head: "Agent",
                    cell: (row) => (
                      <button
                        type="button"
                        aria-expanded={row.agent === open}
                        className="min-h-6 text-left text-accent underline"
                        onClick={() => setOpen(row.agent === open ? null : row.agent)}
                      >
                        {agentName(row.agent)}
                      </button>
                    ),
                  },
                  {
                    head: "Production",
                    cell: (row) => (
                      <Picker
                        label={`Production prompt of ${agentName(row.agent)}`}
                        value={row.production}
                        options={row.versions.map((version) => ({ value: version, label: version }))}
                        disabled={!may}
                        pending={change.isPending}
                        title="Evaluators and administrators choose prompts"
                        onSet={(prompt) =>
                          change.mutate({ do: "label", prompt, label: "production", share: SHARE })
                        }
                      />
                    ),
                  },
                  { head: "Trial", cell: (row) => <TrialState row={row} /> },
                  { head: "Yours", cell: (row) => row.yours, wide: true },
                  {
                    head: "Last trial ended",
                    cell: (row) => <span className="text-fg2">{row.stopped || NONE}</span>,
                    wide: true,
                  },
                ]}
              />
              {opened ? <PromptDetail key={opened.agent} row={opened} change={change} may={may} /> : null}
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function TrialState({ row }: { row: AgentPrompts }): ReactNode {
  if (!row.candidate) return NONE;
  return (
    <Badge tone="quiet">
      {row.candidate} for {row.share} %
    </Badge>
  );
}
