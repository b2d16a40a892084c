"use client";
import { Fragment, type ReactNode } from "react";
import type { SystemState } from "@/client/contract-desk";
import { useSystem } from "@/client/queries-desk";
import { usePerson } from "@/features/shell/components/person";
import { useShell } from "@/features/shell/hooks/use-shell";
import { mayHalt } from "@/features/shell/lib/sections";
import { Badge, StateBadge } from "@/features/ui/badge";
import { Button } from "@/features/ui/controls";
import { formatTime } from "@/features/ui/format";
import { Loaded, Panel } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";
import { BrokersPanel } from "./brokers-panel";
import { KeysPanel } from "./keys-panel";

export function SystemPage(): ReactNode {
  const query = useSystem();
  return (
    <div className="grid grid-cols-1 gap-2 lg:h-full lg:grid-cols-[minmax(0,1.6fr)_minmax(0,1fr)] lg:grid-rows-[auto_minmax(0,1fr)]">
      <h1 className="sr-only">System</h1>
      <div className="flex min-h-0 min-w-0 flex-col gap-2 lg:row-span-2">
        <Panel title="Back ends" className="lg:flex-1">
          <Loaded query={query} label="the back ends">
            {(system) => <Backends system={system} />}
          </Loaded>
        </Panel>
        <BrokersPanel />
      </div>
      <Panel title="Desk">
        <Loaded query={query} label="the desk's state">
          {(system) => <DeskState system={system} />}
        </Loaded>
      </Panel>
      <KeysPanel />
    </div>
  );
}

/** A setting's name, broken only after an underscore; what is copied stays whole. */
function Setting({ name }: { name: string }): ReactNode {
  return (
    <code className="font-mono text-head">
      {name.split(/(?<=_)/).map((part, at) => (
        <Fragment key={`${at.toString()}${part}`}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </code>
  );
}

function Backends({ system }: { system: SystemState }): ReactNode {
  return (
    <Table
      caption="Each back end, its state, and the setting that changes it"
      rows={system.backends}
      rowKey={(row) => row.role}
      columns={[
        { head: "Role", cell: (row) => <b className="font-semibold">{row.role.replaceAll("_", " ")}</b> },
        { head: "State", cell: (row) => <StateBadge state={row.state} /> },
        { head: "Served by", cell: (row) => row.product },
        {
          head: "Setting to change",
          cell: (row) => (row.setting ? <Setting name={row.setting} /> : "—"),
        },
        { head: "Detail", cell: (row) => <span className="text-fg2">{row.detail ?? ""}</span>, wide: true },
      ]}
    />
  );
}

function DeskState({ system }: { system: SystemState }): ReactNode {
  const { halt } = system;
  const person = usePerson();
  const show = useShell((state) => state.show);
  const may = mayHalt(person.role);
  const voted = halt.resume.includes(person.name);
  return (
    <div className="flex flex-col gap-3 p-3">
      <div className="flex flex-wrap items-center gap-3">
        {halt.halted ? <Badge tone="halt">HALTED</Badge> : <Badge tone="quiet">orders pass the gate</Badge>}
        {halt.halted ? (
          <Button disabled={!may || voted} onClick={() => show("resume")}>
            {voted ? "Your vote is in" : "Vote to resume…"}
          </Button>
        ) : (
          <Button disabled={!may} onClick={() => show("halt")} className="text-halt">
            Halt the desk…
          </Button>
        )}
        {may ? null : (
          <span className="text-compact text-fg2">Traders, compliance officers and administrators may.</span>
        )}
      </div>
      {halt.halted ? (
        <p className="text-compact text-fg2">
          {halt.by}, {formatTime(halt.at)}: {halt.reason}. Votes to resume: {halt.resume.length} of{" "}
          {halt.needed}
          {halt.resume.length ? ` (${halt.resume.join(", ")})` : ""}.
        </p>
      ) : null}
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-compact">
        {[
          ["Version", system.version],
          ["Kernel", system.kernel],
          ["Narrator", system.narrator],
          ["Data folder", system.data_folder ?? "—"],
          ["Up since", formatTime(system.started_at)],
          ...system.clocks.map((clock) => [
            `${clock.asset_class} clock`,
            `${clock.mode}, ${formatTime(clock.time)}`,
          ]),
        ].map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-fg2">{name}</dt>
            <dd className="break-words">{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
