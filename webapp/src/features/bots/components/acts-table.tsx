"use client";
import Link from "next/link";
import type { ReactNode } from "react";
import type { BotAct } from "@/client/contract";
import { Badge, StateBadge } from "@/features/ui/badge";
import { formatClock, formatNumber, formatPlain } from "@/features/ui/format";
import { Table } from "@/features/ui/table";
import { influenceWords } from "../lib/form";

export function ActsTable({ acts, empty }: { acts: BotAct[]; empty: string }): ReactNode {
  if (acts.length === 0) return <p className="px-2 py-3 text-compact text-fg2">{empty}</p>;
  return (
    <Table
      caption="Acts, newest first"
      rows={acts}
      rowKey={(row) => row.client_id}
      columns={[
        { head: "Time", cell: (row) => formatClock(row.at) },
        {
          head: "Act",
          cell: (row) => `${row.side} ${formatPlain(row.quantity)} ${row.instrument}`,
        },
        { head: "USD", cell: (row) => formatNumber(row.notional, 2), right: true, wide: true },
        { head: "Outcome", cell: (row) => <Outcome act={row} /> },
        { head: "Why", cell: (row) => <Why act={row} />, wide: true },
      ]}
    />
  );
}

function Outcome({ act }: { act: BotAct }): ReactNode {
  if (act.outcome === "dry") return <Badge tone="sim">dry run</Badge>;
  if (act.proposal === null) return <StateBadge state={act.outcome} />;
  return (
    <Link href={`/approvals/?id=${encodeURIComponent(act.proposal)}`} className="underline">
      <StateBadge state={act.outcome} /> proposal
    </Link>
  );
}

function Why({ act }: { act: BotAct }): ReactNode {
  const moved = influenceWords(act.influence);
  return (
    <span className="block max-w-96 text-head text-fg2">
      {act.why}
      {moved.length ? ` (${moved.join(", ")})` : ""}
      {act.reason ? <span className="block text-fg">{act.reason}</span> : null}
    </span>
  );
}
