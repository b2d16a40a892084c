"use client";
import type { ReactNode } from "react";
import type { Run, RunFact } from "@/client/queries-runs";
import { INPUT } from "@/features/ui/controls";
import { formatTime } from "@/features/ui/format";
import { Empty, Panel } from "@/features/ui/panel";
import { Scroll } from "@/features/ui/scroll";
import { type Column, Table } from "@/features/ui/table";
import { useQueryParam } from "@/features/ui/use-query-param";
import { agentName, factsOf } from "../lib/run";

export const asOf = (text: string): string => (text.includes("T") ? formatTime(text) : text);

/** Every figure of the run, by the agent that registered or shows it; a click opens where it comes from. */
export function FactsPanel({ run, onFact }: { run: Run; onFact: (id: string) => void }): ReactNode {
  const [agent, setAgent] = useQueryParam("agent");
  const known = run.parts.some((part) => part.agent === agent) ? agent : null;
  const facts = factsOf(run.facts, known);
  const columns: Column<RunFact>[] = [
    {
      head: "Fact",
      cell: (row) => (
        <button
          type="button"
          className="min-h-6 text-left text-accent underline max-sm:min-h-11"
          onClick={() => onFact(row.id)}
        >
          {row.label}
        </button>
      ),
    },
    { head: "Value", cell: (row) => row.text, right: true },
    { head: "As of", cell: (row) => asOf(row.as_of), wide: true },
    { head: "Source", cell: (row) => row.source, wide: true },
    {
      head: "From",
      cell: (row) => (row.agent ? `${agentName(row.agent)}: ${row.tool || "its plan"}` : "—"),
      wide: true,
    },
    { head: "Shown by", cell: (row) => row.used_by.map(agentName).join(", ") || "nobody", wide: true },
  ];
  return (
    <Panel
      title={`3 Facts: ${facts.length === run.facts.length ? "" : `${facts.length} of `}${run.facts.length}`}
      scroll={false}
      aside={
        <select
          className={INPUT}
          aria-label="Facts of which agent"
          value={known ?? ""}
          onChange={({ target }) => setAgent(target.value || null)}
        >
          <option value="">every agent</option>
          {run.parts.map((part) => (
            <option key={part.agent} value={part.agent}>
              {agentName(part.agent)}
            </option>
          ))}
        </select>
      }
    >
      {facts.length === 0 ? (
        <Empty>
          {run.facts.length === 0
            ? "This run registered no figure."
            : "This agent neither registered nor shows a fact."}
        </Empty>
      ) : (
        <Scroll label="Facts" className="max-h-96 overflow-auto">
          <Table caption="Facts of the run" rows={facts} rowKey={(row) => row.id} columns={columns} />
        </Scroll>
      )}
    </Panel>
  );
}
