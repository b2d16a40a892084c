"use client";
import type { ReactNode } from "react";
import { useAlerts, useTriage } from "@/client/queries-fraud";
import { Empty, Loaded, Panel } from "@/features/ui/panel";
import { useQueryParam } from "@/features/ui/use-query-param";
import { queueOf } from "../lib/queue";
import { CasePage } from "./case-page";
import { Queue } from "./queue";
import { StreamingPanel } from "./streaming";
import { ThresholdsPanel } from "./thresholds";

export function FraudPage(): ReactNode {
  const query = useAlerts();
  const [id, setId] = useQueryParam("id");
  const order = useTriage().data?.order;
  const all = { kind: "", typology: "", state: "", assignee: "" };
  const first = queueOf(query.data ?? [], all, order)[0]?.id ?? null;
  const current = id ?? first;
  return (
    <div className="grid grid-cols-1 gap-2 lg:h-full lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
      <h1 className="sr-only">Fraud</h1>
      <div className="grid min-h-0 grid-cols-1 gap-2 lg:grid-rows-[minmax(0,2fr)_minmax(0,1fr)_minmax(0,1fr)]">
        <Panel title="Queue" scroll={false} className="max-lg:max-h-[85svh]">
          <Loaded
            query={query}
            label="cases"
            isEmpty={(data) => data.length === 0}
            empty="No alerts. “tenor fraud scan FILE” looks through a file of transfers."
          >
            {(alerts) => <Queue alerts={alerts} current={current} onOpen={setId} />}
          </Loaded>
        </Panel>
        {query.data === undefined ? null : (
          <>
            <StreamingPanel />
            <ThresholdsPanel />
          </>
        )}
      </div>
      {current ? (
        <CasePage key={current} id={current} />
      ) : (
        <Panel title="Case">
          <Empty>Choose a case in the queue.</Empty>
        </Panel>
      )}
    </div>
  );
}
