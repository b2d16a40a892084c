"use client";
import Link from "next/link";
import type { ReactNode } from "react";
import type { RunProposal } from "@/client/queries-runs";
import { orderText } from "@/features/approvals/lib/words";
import { Badge, StateBadge } from "@/features/ui/badge";
import { formatMoney, formatPlain, formatTime } from "@/features/ui/format";
import { Banner, Empty, Panel } from "@/features/ui/panel";

type RunOrder = RunProposal["orders"][number];

/** The proposal as it stands now and the orders that followed; frames of the desk refresh both. */
export function OutcomePanel(props: { proposal: RunProposal | null; ended: boolean }): ReactNode {
  const { proposal } = props;
  return (
    <Panel
      title="5 Proposal and order"
      aside={proposal ? <StateBadge state={proposal.open ? proposal.state : "proposed"} /> : null}
    >
      {proposal ? (
        <Proposal proposal={proposal} />
      ) : (
        <Empty>
          {props.ended
            ? "The run ended with a proposal that this desk no longer keeps."
            : "The run ended with its answer: nothing was proposed, no order followed."}
        </Empty>
      )}
    </Panel>
  );
}

function Proposal({ proposal }: { proposal: RunProposal }): ReactNode {
  return (
    <div className="flex flex-col gap-2 p-3 text-desk">
      <p>
        {proposal.open ? (
          <Link href={`/approvals/?id=${encodeURIComponent(proposal.id)}`} className="text-accent underline">
            Proposal {proposal.id}
          </Link>
        ) : (
          <>Proposal {proposal.id}</>
        )}{" "}
        for account {proposal.account}: {proposal.decides}
        {proposal.open && proposal.state === "waiting" ? `, until ${formatTime(proposal.expires_at)}` : ""}.
      </p>
      {proposal.open ? null : (
        <p className="text-fg2">Its state and orders are for those who may read the account.</p>
      )}
      <Origins proposal={proposal} />
      {proposal.answers.length > 0 ? (
        <ul aria-label="Answers">
          {proposal.answers.map((answer) => (
            <li key={`${answer.user}-${answer.at}`}>
              {answer.decision === "approve" ? "✓ approved" : "✕ refused"} by {answer.user},{" "}
              {formatTime(answer.at)}
              {answer.reason ? `: ${answer.reason}` : ""}
            </li>
          ))}
        </ul>
      ) : null}
      {proposal.orders.length > 0 ? (
        <ol className="flex flex-col gap-2" aria-label="Orders">
          {proposal.orders.map((row) => (
            <OrderLine key={row.order.id} row={row} />
          ))}
        </ol>
      ) : null}
    </div>
  );
}

/** Which arguments of the proposal are not the person's, and what text of others the run had read. */
function Origins({ proposal }: { proposal: RunProposal }): ReactNode {
  if (proposal.taints.length > 0) {
    return <Banner tone="warn">◐ Not from the person's own words: {proposal.taints.join("; ")}</Banner>;
  }
  const read =
    proposal.outside.length > 0 ? ` The run had read text of others: ${proposal.outside.join(", ")}.` : "";
  return (
    <p className="text-compact text-fg2">Every argument of it comes from the person or the desk.{read}</p>
  );
}

function OrderLine({ row }: { row: RunOrder }): ReactNode {
  const { order, fills } = row;
  return (
    <li className="rounded-ctl border border-line bg-s2 p-2">
      <p className="flex flex-wrap items-center gap-x-3">
        <b className="font-semibold">{orderText(order)}</b>
        <StateBadge state={order.state} />
        <span className="text-fg2">venue: {order.broker}</span>
        {/simulated/i.test(order.broker) ? <Badge tone="sim">SIMULATED venue</Badge> : null}
        <code className="text-head text-fg3">{order.id}</code>
      </p>
      {order.reason ? <p className="text-fg2">{order.reason}</p> : null}
      {fills.length > 0 ? (
        <ul className="list-disc pl-5 text-compact">
          {fills.map((fill) => (
            <li key={fill.id}>
              filled {formatPlain(fill.quantity)} at {formatPlain(fill.price)} {fill.currency}, commission{" "}
              {formatMoney(fill.commission, fill.commission_currency)}, {formatTime(fill.at)} (market clock)
            </li>
          ))}
        </ul>
      ) : (
        <p className="text-compact text-fg2">
          {order.state === "proposed" ? "Nothing was sent: it waits for a yes." : "No fill yet."}
        </p>
      )}
    </li>
  );
}
