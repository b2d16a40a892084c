"use client";
import { type ReactNode, useState } from "react";
import type { AlertDetail, AlertEdge } from "@/client/contract-desk";
import { useAlert } from "@/client/queries-fraud";
import { AgentText } from "@/features/ui/agent-text";
import { StateBadge } from "@/features/ui/badge";
import { formatMoney, formatNumber, formatTime, NONE } from "@/features/ui/format";
import { Loaded, Panel } from "@/features/ui/panel";
import { Scroll } from "@/features/ui/scroll";
import { Table } from "@/features/ui/table";
import { CaseActions } from "./case-actions";
import { CaseFile } from "./case-file";
import { CaseGraph } from "./case-graph";
import { CaseNarrative } from "./case-narrative";

export function CasePage({ id }: { id: string }): ReactNode {
  const query = useAlert(id);
  return (
    <Panel title={`Case ${id}`} aside={query.data ? <StateBadge state={query.data.state} /> : null}>
      <Loaded query={query} label="the case">
        {(alert) => <Body alert={alert} />}
      </Loaded>
    </Panel>
  );
}

function Body({ alert }: { alert: AlertDetail }): ReactNode {
  const [picked, setPicked] = useState<readonly string[]>([]);
  const pick = (edge: string) => setPicked([edge]);
  return (
    <div className="flex flex-col gap-4 p-4">
      <header>
        <h2 className="text-h2 font-semibold">{alert.title}</h2>
        <p className="text-desk text-fg2">
          {alert.typology.replaceAll("_", " ")}, {formatMoney(alert.amount, alert.currency)} in{" "}
          {alert.transfers ?? alert.edges.length} transfers, {formatTime(alert.start)} to{" "}
          {formatTime(alert.end)}, score {formatNumber(alert.score, 2)}, priority{" "}
          {formatNumber(alert.priority, 0)}
        </p>
      </header>
      <CaseActions alert={alert} />
      <section>
        <h3 className="mb-1 text-head font-semibold text-fg3">Rules that fired</h3>
        <ul className="list-disc pl-5 text-desk">
          {alert.rules.map((rule) => (
            <li key={rule.id}>
              {rule.text} <span className="text-fg3">({rule.id})</span>
            </li>
          ))}
        </ul>
      </section>
      <div className="grid grid-cols-1 gap-4 2xl:grid-cols-2">
        <CaseGraph alert={alert} picked={picked} onPick={pick} />
        <Transfers alert={alert} picked={picked} onPick={pick} />
      </div>
      <div className="grid grid-cols-1 gap-4 xl:grid-cols-2">
        <CaseNarrative id={alert.id} onEdges={setPicked} />
        <AgentText title="The innocent explanation">{alert.innocent}</AgentText>
      </div>
      <CaseFile alert={alert} />
      <section>
        <h3 className="mb-1 text-head font-semibold text-fg3">History</h3>
        {alert.history.length === 0 ? (
          <p className="text-compact text-fg2">Nobody has acted on this case.</p>
        ) : (
          <Table
            caption="Actions on this case"
            rows={alert.history}
            rowKey={(row) => `${row.at}-${row.user}-${row.action}`}
            columns={[
              { head: "Time", cell: (row) => formatTime(row.at) },
              { head: "Person", cell: (row) => row.user },
              { head: "Action", cell: (row) => row.action },
              { head: "To", cell: (row) => row.assignee || NONE },
              { head: "Reason", cell: (row) => row.reason || NONE },
            ]}
          />
        )}
      </section>
    </div>
  );
}

function Transfers({
  alert,
  picked,
  onPick,
}: {
  alert: AlertDetail;
  picked: readonly string[];
  onPick: (edge: string) => void;
}): ReactNode {
  const label = new Map(alert.nodes.map((node) => [node.id, node.label]));
  const path = new Set(alert.path);
  const rows = [...alert.edges].sort((a, b) => a.time.localeCompare(b.time));
  const party = (id: string) => label.get(id) ?? id;
  return (
    <Scroll label="Transfers of the case" className="max-h-[420px] overflow-auto">
      <Table<AlertEdge>
        caption="The transfers of the picture, oldest first"
        rows={rows}
        rowKey={(row) => row.id}
        rowClass={(row) => (picked.includes(row.id) ? "bg-s3" : "")}
        columns={[
          {
            head: "Time",
            cell: (row) => (
              <button
                type="button"
                className="min-h-6 text-accent underline decoration-dotted"
                aria-pressed={picked.includes(row.id)}
                onClick={() => onPick(row.id)}
              >
                {formatTime(row.time).slice(0, 16)}
              </button>
            ),
          },
          { head: "From", cell: (row) => party(row.source) },
          { head: "To", cell: (row) => party(row.target) },
          { head: `Amount ${alert.currency}`, cell: (row) => formatNumber(row.amount), right: true },
          {
            head: "On path",
            cell: (row) => (path.has(row.id) ? <span className="text-warn">● yes</span> : ""),
          },
        ]}
      />
    </Scroll>
  );
}
