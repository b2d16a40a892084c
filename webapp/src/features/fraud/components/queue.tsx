"use client";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Alert } from "@/client/contract-desk";
import { useTriage } from "@/client/queries-fraud";
import { StateBadge } from "@/features/ui/badge";
import { Button, INPUT } from "@/features/ui/controls";
import { formatDate, formatNumber, NONE } from "@/features/ui/format";
import { Empty } from "@/features/ui/panel";
import { Scroll } from "@/features/ui/scroll";
import { Table } from "@/features/ui/table";
import { useAddress } from "@/features/ui/use-address";
import { useRowKeys } from "@/features/ui/use-row-keys";
import { distinct, type Narrowing, NOBODY, queueOf } from "../lib/queue";
import { LooksLine } from "./looks";
import { TriageLine, WORDS } from "./triage";

const STATES: Record<Alert["state"], string> = {
  open: "Open",
  escalated: "Escalated",
  closing: "Waits for a second vote",
  closed: "Closed",
};

const KINDS: Record<Alert["kind"], string> = { laundering: "Laundering", market: "Market abuse" };

/** Cases by priority. J and K move along the rows, Enter opens the one they stand on; the filters are in the address. */
export function Queue({
  alerts,
  current,
  onOpen,
}: {
  alerts: Alert[];
  current: string | null;
  onOpen: (id: string) => void;
}): ReactNode {
  const [address, go] = useAddress();
  const by: Narrowing = {
    kind: address.get("kind") ?? "",
    typology: address.get("typology") ?? "",
    state: address.get("state") ?? "",
    assignee: address.get("assignee") ?? "",
  };
  const triage = useTriage().data;
  const words = new Map(triage?.opinions.map((each) => [each.alert, WORDS[each.word]]));
  const rows = queueOf(alerts, by, triage?.order);
  const box = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState(current);
  useEffect(() => setCursor(current), [current]);
  const step = (way: number) => {
    const at = rows.findIndex((row) => row.id === cursor);
    const next = Math.min(rows.length - 1, Math.max(0, at + way));
    setCursor(rows[next]?.id ?? null);
    box.current?.querySelectorAll<HTMLElement>("tbody button")[next]?.focus();
  };
  useRowKeys({ j: () => step(1), k: () => step(-1) });
  return (
    <>
      <Filters alerts={alerts} by={by} go={go} />
      <TriageLine />
      <LooksLine />
      {rows.length === 0 ? (
        <Empty>No case fits these filters: {alerts.length} are known. Clear the filters.</Empty>
      ) : (
        <div ref={box} className="contents">
          <Scroll label="Cases" className="min-h-0 flex-1 overflow-auto">
            <Table
              caption="Cases, most urgent first"
              rows={rows}
              rowKey={(row) => row.id}
              selected={cursor}
              columns={[
                { head: "Prio", cell: (row) => formatNumber(row.priority, 0), right: true },
                {
                  head: "Case",
                  cell: (row) => (
                    <button
                      type="button"
                      aria-current={row.id === current ? "true" : undefined}
                      onClick={() => onOpen(row.id)}
                      className="min-h-6 min-w-32 py-1 text-left text-accent underline decoration-dotted aria-[current]:font-semibold"
                    >
                      {row.title}
                    </button>
                  ),
                },
                { head: "Kind", cell: (row) => KINDS[row.kind] },
                {
                  head: "Amount",
                  cell: (row) => `${formatNumber(row.amount, 0)} ${row.currency || "units"}`,
                  right: true,
                },
                { head: "State", cell: (row) => <StateBadge state={row.state} /> },
                ...(words.size > 0
                  ? [{ head: "Model’s opinion", cell: (row: Alert) => words.get(row.id) ?? NONE, wide: true }]
                  : []),
                { head: "With", cell: (row) => row.assignee || NONE },
                {
                  head: "Last moved",
                  cell: (row) => formatDate(row.end),
                  right: true,
                  wide: true,
                },
              ]}
            />
          </Scroll>
        </div>
      )}
    </>
  );
}

function Filters(props: {
  alerts: Alert[];
  by: Narrowing;
  go: (changes: Record<string, string | null>) => void;
}): ReactNode {
  const { alerts, by, go } = props;
  const choices: [keyof Narrowing, string, [string, string][]][] = [
    ["kind", "All kinds", Object.entries(KINDS)],
    [
      "typology",
      "All typologies",
      distinct(alerts.map((each) => each.typology)).map((each) => [each, each.replaceAll("_", " ")]),
    ],
    ["state", "All states", Object.entries(STATES)],
    [
      "assignee",
      "All officers",
      distinct(alerts.map((each) => each.assignee || NOBODY)).map((each) => [each, each]),
    ],
  ];
  return (
    <search className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line p-2">
      {choices.map(([name, all, options]) => (
        <select
          key={name}
          aria-label={`Filter by ${name}`}
          className={`${INPUT} h-7! w-auto! max-w-36 text-compact!`}
          value={by[name]}
          onChange={(event) => go({ [name]: event.target.value })}
        >
          <option value="">{all}</option>
          {options.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      ))}
      {Object.values(by).some(Boolean) ? (
        <Button look="quiet" onClick={() => go({ kind: null, typology: null, state: null, assignee: null })}>
          Clear
        </Button>
      ) : null}
    </search>
  );
}
