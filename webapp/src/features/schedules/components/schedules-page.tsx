"use client";
import type { ReactNode } from "react";
import type { Schedule } from "@/client/contract";
import { useInstruments } from "@/client/queries";
import { useSchedules } from "@/client/queries-schedules";
import { usePerson } from "@/features/shell/components/person";
import { mayTrade } from "@/features/shell/lib/sections";
import { Badge, StateBadge } from "@/features/ui/badge";
import { formatClock, formatPlain } from "@/features/ui/format";
import { Empty, Loaded, Panel } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";
import { useQueryParam } from "@/features/ui/use-query-param";
import { SHORT_KIND } from "../lib/form";
import { percent } from "../lib/steps";
import { ScheduleDetailPanel } from "./schedule-detail";
import { ScheduleForm } from "./schedule-form";

export function SchedulesPage(): ReactNode {
  const person = usePerson();
  const query = useSchedules();
  const instruments = useInstruments();
  const [picked, setPicked] = useQueryParam("id");
  const trades = mayTrade(person.role) && person.accounts.length > 0;
  return (
    <div className="grid grid-cols-1 gap-2 lg:h-full lg:grid-cols-[minmax(0,1fr)_minmax(0,1.3fr)] lg:grid-rows-[minmax(0,1fr)_minmax(0,1.8fr)]">
      <h1 className="sr-only">Schedules</h1>
      <Panel title="Schedules, newest first" aside={<Badge tone="sim">SIMULATED fills and volume</Badge>}>
        <Loaded
          query={query}
          label="schedules"
          isEmpty={(data) => data.length === 0}
          empty={
            trades
              ? "No schedules yet. Preview one below: it shows slices and expected cost before anything starts."
              : "No schedules on the accounts that you may see."
          }
        >
          {(rows) => <ScheduleTable rows={rows} picked={picked} onPick={setPicked} />}
        </Loaded>
      </Panel>
      <div className="contents lg:block lg:row-span-2 lg:min-h-0">
        {picked ? (
          <ScheduleDetailPanel key={picked} id={picked} trades={trades} />
        ) : (
          <Panel title="Schedule" className="lg:h-full">
            <Empty>Choose a schedule to see its progress, its children and what it cost.</Empty>
          </Panel>
        )}
      </div>
      {trades ? (
        <Panel title="New schedule">
          <Loaded
            query={instruments}
            label="instruments"
            isEmpty={(data) => data.every((each) => !each.tradable)}
            empty="Nothing can be traded now. System shows the state of the market back end."
          >
            {(data) => (
              <ScheduleForm
                instruments={data.filter((each) => each.tradable)}
                accounts={person.accounts}
                onStarted={setPicked}
              />
            )}
          </Loaded>
        </Panel>
      ) : null}
    </div>
  );
}

function ScheduleTable(props: {
  rows: Schedule[];
  picked: string | null;
  onPick: (id: string) => void;
}): ReactNode {
  return (
    <Table
      caption="Schedules, newest first"
      rows={props.rows}
      rowKey={(row) => row.id}
      selected={props.picked}
      columns={[
        {
          head: "Schedule",
          cell: (row) => (
            <button
              type="button"
              className="min-h-6 max-w-40 truncate text-accent underline"
              onClick={() => props.onPick(row.id)}
            >
              {row.id}
            </button>
          ),
        },
        { head: "Kind", cell: (row) => SHORT_KIND[row.terms.kind] },
        {
          head: "Order",
          cell: (row) => `${row.terms.side} ${formatPlain(row.terms.quantity)} ${row.terms.instrument}`,
        },
        { head: "State", cell: (row) => <StateBadge state={row.state} /> },
        { head: "Filled", cell: (row) => `${percent(row.filled, row.terms.quantity)} %`, right: true },
        { head: "Ends", cell: (row) => formatClock(row.terms.end), right: true, wide: true },
      ]}
    />
  );
}
