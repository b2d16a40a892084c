"use client";
import type { ReactNode } from "react";
import type { Broker } from "@/client/contract-desk";
import { sentence } from "@/client/http";
import { useBrokers, useReconcile } from "@/client/queries-desk";
import { usePerson } from "@/features/shell/components/person";
import { mayHalt } from "@/features/shell/lib/sections";
import { StateBadge } from "@/features/ui/badge";
import { Button } from "@/features/ui/controls";
import { formatTime } from "@/features/ui/format";
import { Loaded, Panel } from "@/features/ui/panel";

/** Who serves what, and what desk and venue say differently; nothing here mends anything. */
export function BrokersPanel(): ReactNode {
  const query = useBrokers();
  return (
    <Panel title="Brokers" className="lg:max-h-[45%]">
      <Loaded query={query} label="the brokers">
        {(brokers) => (
          <ul className="flex flex-col divide-y divide-line">
            {brokers.map((broker) => (
              <BrokerRow key={broker.name} broker={broker} />
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}

function BrokerRow({ broker }: { broker: Broker }): ReactNode {
  const reconcile = useReconcile();
  const may = mayHalt(usePerson().role);
  const outside = broker.state !== "embedded";
  const said = [broker.detail, broker.note, ...(broker.terms ?? []), broker.error].filter(
    (words) => words !== "",
  );
  return (
    <li className="flex flex-col gap-1 px-3 py-2 text-compact">
      <div className="flex flex-wrap items-center gap-2">
        <b className="font-semibold">{broker.name}</b>
        <StateBadge state={broker.state} />
        <span className="text-fg2">
          {broker.instruments.length} instruments
          {outside ? `, events ${broker.stream ? "arrive" : "do not arrive"}` : ""}
        </span>
        {outside && may ? (
          <Button
            look="quiet"
            className="ml-auto h-6!"
            disabled={reconcile.isPending}
            aria-label={`Compare the desk with ${broker.name}`}
            onClick={() => reconcile.mutate(broker.name)}
          >
            {reconcile.isPending ? "Comparing…" : "Compare now"}
          </Button>
        ) : null}
      </div>
      {said.map((words) => (
        <p key={words} className="break-words text-fg2">
          {words}
        </p>
      ))}
      {reconcile.error ? (
        <p role="alert" className="text-down">
          ✕ {sentence(reconcile.error)}
        </p>
      ) : null}
      {outside && broker.compared_at ? (
        <p className="text-fg2">
          Compared {formatTime(broker.compared_at)}:{" "}
          {broker.differences.length === 0 ? "desk and venue agree." : `${broker.differences.length} differ.`}
        </p>
      ) : null}
      {broker.differences.map((one) => (
        <p key={`${one.kind} ${one.subject}`} className="break-words text-warn">
          ◐ {one.kind.replaceAll("_", " ")} {one.subject}: desk {one.desk}; venue {one.venue}; since{" "}
          {formatTime(one.first_seen)}
        </p>
      ))}
    </li>
  );
}
