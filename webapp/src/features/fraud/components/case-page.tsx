"use client";
import { type ReactNode, useState } from "react";
import type { AlertDetail } from "@/client/contract-desk";
import { useAlert } from "@/client/queries-fraud";
import { AgentText } from "@/features/ui/agent-text";
import { StateBadge } from "@/features/ui/badge";
import { formatNumber, formatTime, NONE } from "@/features/ui/format";
import { Banner, Loaded, Panel } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";
import { worth } from "../lib/worth";
import { CaseActions } from "./case-actions";
import { CaseFile } from "./case-file";
import { CaseFlow } from "./case-flow";
import { CaseNarrative } from "./case-narrative";
import { MarketRows } from "./market-rows";
import { NetworkView } from "./network-view";
import { CaseOpinion } from "./triage";

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
  const market = alert.kind === "market";
  return (
    <div className="flex flex-col gap-4 p-4">
      <header>
        <h2 className="text-h2 font-semibold">{alert.title}</h2>
        <p className="text-desk text-fg2">
          {alert.typology.replaceAll("_", " ")}, {worth(alert)} in{" "}
          {market
            ? `${alert.instrument || "several instruments"}, ${alert.rows.length} rows of evidence`
            : `${alert.transfers ?? alert.edges.length} transfers`}
          , {formatTime(alert.start)} to {formatTime(alert.end)}, score {formatNumber(alert.score, 2)},
          priority {formatNumber(alert.priority, 0)}
          {market ? null : `, found by version ${alert.thresholds} of the thresholds`}
        </p>
      </header>
      {alert.into ? (
        <Banner tone="warn">
          Its payments are part of another case now:{" "}
          <a className="underline" href={`?id=${encodeURIComponent(alert.into)}`}>
            {alert.into}
          </a>
          . What was done here is kept below.
        </Banner>
      ) : alert.found ? null : (
        <Banner tone="warn">The scan no longer finds this; it stands as it was last found.</Banner>
      )}
      {alert.into ? null : <CaseActions alert={alert} />}
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
      <CaseOpinion id={alert.id} />
      {market ? (
        <MarketRows alert={alert} picked={picked} />
      ) : (
        <CaseFlow alert={alert} picked={picked} onPick={(edge) => setPicked([edge])} />
      )}
      <div className="grid grid-cols-1 gap-4 xl:grid-cols-2">
        <CaseNarrative id={alert.id} onEdges={setPicked} />
        <AgentText title="The innocent explanation">{alert.innocent}</AgentText>
      </div>
      <CaseFile alert={alert} />
      {market ? null : <NetworkView alert={alert.id} />}
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
              { head: "Verdict", cell: (row) => row.verdict || NONE },
              { head: "Reason", cell: (row) => row.reason || NONE },
            ]}
          />
        )}
      </section>
    </div>
  );
}
