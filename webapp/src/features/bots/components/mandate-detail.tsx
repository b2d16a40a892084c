"use client";
import { type ReactNode, useState } from "react";
import type { Mandate } from "@/client/contract";
import { type MandateVerb, useAnswerMandate, useMandate } from "@/client/queries-bots";
import { Badge, StateBadge } from "@/features/ui/badge";
import { Button } from "@/features/ui/controls";
import { Confirm } from "@/features/ui/dialog";
import { formatClock, formatMoney } from "@/features/ui/format";
import { Loaded, Panel } from "@/features/ui/panel";
import { ActsTable } from "./acts-table";

const WORDS: Record<MandateVerb, { title: string; consequence: string; verb: string }> = {
  countersign: {
    title: "Countersign this mandate?",
    consequence: "From now on the execution agent trades inside it without asking anybody.",
    verb: "Countersign",
  },
  refuse: {
    title: "Refuse this mandate?",
    consequence: "It never acts. Whoever proposed it can propose another.",
    verb: "Refuse",
  },
  revoke: {
    title: "Revoke this mandate?",
    consequence:
      "It ends now and for good: its bots halt, its open orders are cancelled, and what waits in the queue is refused.",
    verb: "Revoke",
  },
};

export function MandateDetailPanel({ id, halts }: { id: string; halts: boolean }): ReactNode {
  const query = useMandate(id);
  return (
    <Panel title={`Mandate ${id}`} className="lg:h-full">
      <Loaded query={query} label="the mandate">
        {(data) => (
          <div className="flex flex-col gap-3 p-3">
            <Head mandate={data.mandate} />
            <Actions mandate={data.mandate} halts={halts} />
            <ActsTable acts={data.acts} empty="Nothing was done under it yet." />
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

function Head({ mandate }: { mandate: Mandate }): ReactNode {
  const usd = (value: number) => formatMoney(value, "USD");
  return (
    <div className="flex flex-col gap-1 text-compact">
      <p className="text-desk">
        <StateBadge state={mandate.expired && mandate.state === "active" ? "expired" : mandate.state} />{" "}
        {mandate.dry_run ? <Badge tone="sim">dry run</Badge> : null}{" "}
        <b className="font-semibold">{mandate.account}</b>, granted by {mandate.grantor}
        {mandate.countersigner ? `, countersigned by ${mandate.countersigner}` : ", not countersigned yet"}
      </p>
      {mandate.reason ? <p>{mandate.reason}</p> : null}
      <p className="text-fg2">
        {mandate.strategies.join(", ")} on {mandate.universe.join(", ")}; {mandate.opens} to {mandate.closes}{" "}
        UTC, until {formatClock(mandate.expires_at)} on {mandate.expires_at.slice(0, 10)}.
      </p>
      <p className="text-fg2">
        {usd(mandate.per_order)} an order, {usd(mandate.daily)} a day, {mandate.orders_a_day} orders a day;
        stops at a loss of {usd(mandate.max_loss)}.
      </p>
      <p>
        Used {usd(mandate.used)} of {usd(mandate.budget)}; today {usd(mandate.used_today)} in{" "}
        {mandate.orders_today} orders.
      </p>
    </div>
  );
}

function Actions({ mandate, halts }: { mandate: Mandate; halts: boolean }): ReactNode {
  const answer = useAnswerMandate(mandate.id);
  const [asked, setAsked] = useState<MandateVerb | null>(null);
  const verbs: MandateVerb[] = [
    ...(mandate.may_countersign ? (["countersign", "refuse"] as const) : []),
    ...(halts && ["proposed", "active"].includes(mandate.state) ? (["revoke"] as const) : []),
  ];
  if (verbs.length === 0) return null;
  return (
    <>
      <div className="flex gap-2">
        {verbs.map((verb) => (
          <Button
            key={verb}
            look={verb === "countersign" ? "primary" : verb === "revoke" ? "danger" : "plain"}
            onClick={() => setAsked(verb)}
          >
            {WORDS[verb].verb}…
          </Button>
        ))}
      </div>
      {asked ? (
        <Confirm
          open
          onOpenChange={() => setAsked(null)}
          title={WORDS[asked].title}
          consequence={WORDS[asked].consequence}
          verb={WORDS[asked].verb}
          look={asked === "countersign" ? "primary" : "danger"}
          reason={asked === "countersign" ? "none" : "optional"}
          pending={answer.isPending}
          error={answer.error}
          onConfirm={(reason) => answer.mutate({ verb: asked, reason }, { onSuccess: () => setAsked(null) })}
        />
      ) : null}
    </>
  );
}
