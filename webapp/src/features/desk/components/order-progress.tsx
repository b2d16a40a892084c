"use client";
import Link from "next/link";
import type { ReactNode } from "react";
import type { Progress } from "@/client/contract";
import { sentence } from "@/client/http";
import { useDeliveries, useProgress, useRetryOrder } from "@/client/queries-bots";
import { runPath } from "@/features/runs/lib/run";
import { StateBadge } from "@/features/ui/badge";
import { Button } from "@/features/ui/controls";
import { Dialog } from "@/features/ui/dialog";
import { formatClock } from "@/features/ui/format";
import { Loaded } from "@/features/ui/panel";

const WORDS: Record<Progress["steps"][number]["name"], string> = {
  accepted: "Accepted by the gate",
  durable: "On the disk and in the audit log",
  sent: "With a worker",
  placed: "Answered by the venue",
  filled: "Filled",
  ended: "Ended",
};

/** Orders whose every attempt failed: a person must look. Nothing when there are none. */
export function ReviewStrip({ onPick }: { onPick: (id: string) => void }): ReactNode {
  const found = (useDeliveries().data ?? []).filter((each) => each.delivery?.state === "review");
  if (found.length === 0) return null;
  return (
    <div role="alert" className="flex flex-col gap-1 border-b border-line px-3 py-2 text-compact">
      {found.map((each) => (
        <p key={each.order.id}>
          <StateBadge state="review" /> Order {each.order.id} could not be delivered: {each.delivery?.error}.{" "}
          <button type="button" className="text-accent underline" onClick={() => onPick(each.order.id)}>
            Look at it
          </button>
        </p>
      ))}
    </div>
  );
}

export function ProgressBox(props: { id: string; trades: boolean; onDone: () => void }): ReactNode {
  const query = useProgress(props.id);
  return (
    <Dialog open onOpenChange={props.onDone} title={`Order ${props.id}`}>
      <Loaded query={query} label="the order's progress">
        {(data) => <Steps data={data} trades={props.trades} />}
      </Loaded>
    </Dialog>
  );
}

function Steps({ data, trades }: { data: Progress; trades: boolean }): ReactNode {
  const retry = useRetryOrder();
  const { delivery } = data;
  return (
    <div className="flex flex-col gap-3 text-desk">
      <p>
        <StateBadge state={data.order.state} /> {data.order.side} {data.order.quantity}{" "}
        {data.order.instrument}, {data.order.broker}
      </p>
      {data.run ? (
        <Link href={runPath(data.run)} className="text-accent underline">
          Trace: the run behind it
        </Link>
      ) : null}
      <ol className="flex flex-col gap-1">
        {data.steps.map((step, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps have an order and no other name
          <li key={`${step.name}-${at}`} className={step.done ? "" : "text-fg3"}>
            <span aria-hidden="true">{step.done ? "✓" : "○"}</span> {WORDS[step.name]}
            {step.done ? "" : " (not yet)"}
            {step.at ? `, ${formatClock(step.at)}` : ""}
            {step.detail ? <span className="text-fg2">: {step.detail}</span> : null}
          </li>
        ))}
      </ol>
      {delivery?.error ? (
        <p className="text-compact text-fg2">
          Attempt {delivery.attempts} of {delivery.most_attempts} met: {delivery.error}
        </p>
      ) : null}
      {retry.error ? (
        <p role="alert" className="text-down">
          ✕ {sentence(retry.error)}
        </p>
      ) : null}
      {delivery?.state === "review" && trades ? (
        <Button look="primary" disabled={retry.isPending} onClick={() => retry.mutate(data.order.id)}>
          {retry.isPending ? "Trying…" : "Try again"}
        </Button>
      ) : null}
    </div>
  );
}
