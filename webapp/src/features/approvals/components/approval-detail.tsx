"use client";
import dynamic from "next/dynamic";
import Link from "next/link";
import type { ReactNode } from "react";
import type { Approval } from "@/client/contract";
import { useApproval } from "@/client/queries";
import { citationPath } from "@/features/chat/components/answer-view";
import { FactList } from "@/features/chat/components/fact-card";
import { runPath } from "@/features/runs/lib/run";
import { AgentText } from "@/features/ui/agent-text";
import { Badge, StateBadge } from "@/features/ui/badge";
import { formatMoney, formatPlain, formatTime } from "@/features/ui/format";
import { Banner, Loaded, Panel } from "@/features/ui/panel";
import { Checks } from "@/features/ui/rule-checks";
import { Table } from "@/features/ui/table";
import { orderText, proposer, votes } from "../lib/words";
import { AnswerButtons } from "./answer-buttons";
import { DiffTable } from "./diff-table";
import { ExpiryTimer } from "./expiry-timer";
import { PriceNow } from "./price-now";

const Markdown = dynamic(() => import("@/features/ui/markdown").then((module) => module.Markdown));

export function ApprovalDetail({ id }: { id: string }): ReactNode {
  const query = useApproval(id);
  return (
    <Panel
      title={`Proposal ${id}`}
      aside={
        query.data ? (
          <>
            <StateBadge state={query.data.state} />
            {query.data.state === "waiting" ? (
              <span className="text-compact text-fg2">
                expires in <ExpiryTimer at={query.data.expires_at} speak />
              </span>
            ) : null}
          </>
        ) : null
      }
    >
      <Loaded query={query} label="the proposal">
        {(approval) => <Body approval={approval} />}
      </Loaded>
    </Panel>
  );
}

function Heading({ children }: { children: ReactNode }): ReactNode {
  return <h3 className="mb-1 text-head font-semibold text-fg3">{children}</h3>;
}

function Body({ approval }: { approval: Approval }): ReactNode {
  const { cost } = approval;
  return (
    <div className="flex flex-col gap-4 p-4">
      <div>
        {approval.orders.map((order) => (
          <p key={order.client_id} className="text-h2 font-semibold">
            {orderText(order)} {order.state === "proposed" ? null : <StateBadge state={order.state} />}{" "}
            {order.filled > 0 ? (
              <span className="text-compact text-fg2">
                filled {formatPlain(order.filled)} at {formatPlain(order.average_price)}
              </span>
            ) : null}
          </p>
        ))}
        <p className="text-desk text-fg2">
          Account {approval.account}. {proposer(approval)}, {formatTime(approval.created_at)}.{" "}
          <Badge tone="sim">SIMULATED venue</Badge>
          {approval.part_of ? (
            <>
              {" "}
              <Link
                className="text-accent underline"
                href={`/${approval.part_of.kind}s?${approval.part_of.kind === "bot" ? "bot" : "id"}=${encodeURIComponent(approval.part_of.id)}`}
              >
                For {approval.part_of.kind} {approval.part_of.id}
              </Link>
            </>
          ) : null}
          {approval.run ? (
            <>
              {" "}
              <Link className="text-accent underline" href={runPath(approval.run)}>
                The run behind it
              </Link>
            </>
          ) : null}
        </p>
      </div>
      {approval.state === "waiting"
        ? approval.orders.map((order) => <PriceNow key={order.client_id} order={order} />)
        : null}
      {approval.warning ? <Banner tone="warn">{approval.warning}</Banner> : null}
      <AnswerButtons approval={approval} />
      <div className="grid grid-cols-1 gap-4 xl:grid-cols-2">
        <section>
          <Heading>What changes</Heading>
          <DiffTable rows={approval.diff.rows} />
        </section>
        <section>
          <Heading>Limits</Heading>
          <Checks checks={approval.limits} />
          <div className="h-3" />
          <Heading>Cost</Heading>
          {cost ? (
            <dl className="grid max-w-xs grid-cols-2 gap-x-4 text-compact">
              {(["notional", "commission", "spread", "total"] as const).map((name) => (
                <div key={name} className="contents">
                  <dt className="text-fg2">{name}</dt>
                  <dd className="text-right">{formatMoney(cost[name], cost.currency)}</dd>
                </div>
              ))}
            </dl>
          ) : (
            <p className="text-compact text-fg2">The server sent no cost.</p>
          )}
        </section>
      </div>
      <AgentText title="Why, in the agent's words">
        <div className="prose-answer">
          <Markdown text={approval.why} />
        </div>
      </AgentText>
      {approval.citations.length > 0 ? (
        <section>
          <Heading>Sources</Heading>
          <ul className="text-compact">
            {approval.citations.map((citation) => (
              <li key={`${citation.filing}-${citation.start}`}>
                <Link className="text-accent underline" href={citationPath(citation)}>
                  {citation.document}, p. {citation.page ?? "—"}
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {approval.facts.length > 0 ? (
        <section>
          <Heading>Facts used</Heading>
          <FactList facts={approval.facts} />
        </section>
      ) : null}
      <section>
        <Heading>Answers so far: {votes(approval)}</Heading>
        {approval.answers.length === 0 ? (
          <p className="text-compact text-fg2">Nobody has answered.</p>
        ) : (
          <Table
            caption="Answers"
            rows={approval.answers}
            rowKey={(row) => `${row.user}-${row.at}`}
            columns={[
              { head: "Person", cell: (row) => row.user },
              { head: "Decision", cell: (row) => row.decision },
              { head: "Reason", cell: (row) => row.reason ?? "—" },
              { head: "Time", cell: (row) => formatTime(row.at), right: true },
            ]}
          />
        )}
      </section>
    </div>
  );
}
