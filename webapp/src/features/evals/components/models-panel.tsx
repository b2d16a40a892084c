"use client";
import type { ReactNode } from "react";
import { sentence } from "@/client/http";
import { type AgentModel, useAgentModels, useChooseModel } from "@/client/queries-agents";
import { usePerson } from "@/features/shell/components/person";
import { Badge } from "@/features/ui/badge";
import { formatTime, NONE } from "@/features/ui/format";
import { Loaded, Panel } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";
import { modelName } from "../lib/turns";
import { Picker } from "./picker";

export function ModelsPanel(): ReactNode {
  const query = useAgentModels();
  const choose = useChooseModel();
  const person = usePerson();
  const may = person.role === "evaluator" || person.role === "administrator";
  return (
    <Panel title="Model of each agent">
      {choose.error ? (
        <p role="alert" className="p-3 text-down">
          ✕ {sentence(choose.error)}
        </p>
      ) : null}
      <Loaded query={query} label="the agents’ models">
        {({ agents, models }) => (
          <>
            {models.length === 0 ? (
              <p className="px-3 py-2 text-compact text-fg2">
                No model is configured: every agent speaks its plan’s own words. TENOR_LLM_MODEL connects one.
              </p>
            ) : null}
            <Table
              caption="Model of each agent"
              rows={agents}
              rowKey={(row) => row.agent}
              columns={[
                { head: "Agent", cell: (row) => row.agent.replaceAll("_", " ") },
                {
                  head: "Asks first",
                  cell: (row) => (
                    <Chooser
                      row={row}
                      models={models}
                      disabled={!may}
                      pending={choose.isPending}
                      onChoose={(model) => choose.mutate({ agent: row.agent, model })}
                    />
                  ),
                },
                {
                  head: "Order now",
                  cell: (row) => (row.order.length ? row.order.join(", then ") : modelName("none")),
                  wide: true,
                },
                {
                  head: "Chosen",
                  cell: (row) => (row.set_by ? `${row.set_by}, ${formatTime(row.since)}` : NONE),
                  wide: true,
                },
              ]}
            />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function Chooser(props: {
  row: AgentModel;
  models: string[];
  disabled: boolean;
  pending: boolean;
  onChoose: (model: string) => void;
}): ReactNode {
  const { row, models } = props;
  const gone = row.configured ? [] : [{ value: row.model, label: `${row.model} (not configured)` }];
  return (
    <>
      <Picker
        label={`Model of ${row.agent.replaceAll("_", " ")}`}
        value={row.model}
        options={[
          { value: "default", label: modelName("default") },
          ...models.map((model) => ({ value: model, label: model })),
          { value: "none", label: modelName("none") },
          ...gone,
        ]}
        disabled={props.disabled}
        pending={props.pending}
        title="Evaluators and administrators choose models"
        onSet={props.onChoose}
      />
      {row.configured ? null : (
        <Badge tone="warn" title={`${row.model} has left the settings; the agent asks in the desk’s order`}>
          not configured: desk’s order
        </Badge>
      )}
    </>
  );
}
