"use client";
import { type ReactNode, useEffect, useState } from "react";
import type { Approval } from "@/client/contract";
import { useApprovals } from "@/client/queries";
import { StateBadge } from "@/features/ui/badge";
import { Choice } from "@/features/ui/controls";
import { Empty, Loaded, Panel } from "@/features/ui/panel";
import { useNow } from "@/features/ui/use-now";
import { useQueryParam } from "@/features/ui/use-query-param";
import { useRowKeys } from "@/features/ui/use-row-keys";
import { useSnooze } from "../hooks/use-snooze";
import { orderLine, votes } from "../lib/words";
import { ApprovalDetail } from "./approval-detail";
import { ExpiryTimer } from "./expiry-timer";

const soonest = (a: Approval, b: Approval) =>
  Number(b.state === "waiting") - Number(a.state === "waiting") || a.expires_at.localeCompare(b.expires_at);

export function ApprovalsPage(): ReactNode {
  const [state, setState] = useState<"waiting" | "all">("waiting");
  const [id, setId] = useQueryParam("id");
  const query = useApprovals(state);
  const until = useSnooze((snooze) => snooze.until);
  const now = useNow();
  const rows = [...(query.data ?? [])]
    .sort(soonest)
    .sort((a, b) => Number((until[a.id] ?? 0) > now) - Number((until[b.id] ?? 0) > now));
  // The one first shown stays when it leaves the list: its answer is what the person waits to read.
  const [first, setFirst] = useState<string | null>(null);
  const soonestId = rows[0]?.id ?? null;
  useEffect(() => setFirst((kept) => kept ?? soonestId), [soonestId]);
  const current = id ?? first ?? soonestId;
  const step = (by: number) => {
    const at = rows.findIndex((row) => row.id === current);
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
    if (next) setId(next.id);
  };
  useRowKeys({ j: () => step(1), k: () => step(-1) });
  return (
    <div className="grid grid-cols-1 gap-2 lg:h-full lg:grid-cols-[340px_minmax(0,1fr)]">
      <h1 className="sr-only">Approvals</h1>
      <Panel
        title="Proposals"
        className="max-lg:max-h-72"
        aside={
          <Choice
            label="Which"
            value={state}
            onChange={setState}
            options={[
              { value: "waiting", label: "Waiting" },
              { value: "all", label: "All" },
            ]}
          />
        }
      >
        <Loaded
          query={query}
          label="proposals"
          isEmpty={(data) => data.length === 0}
          empty={
            state === "waiting"
              ? "Nothing waits. Ask an agent for a trade in Chat, or look at All."
              : "No proposals yet. Ask an agent for a trade in Chat."
          }
        >
          {() => (
            <ul>
              {rows.map((row) => (
                <ApprovalRow
                  key={row.id}
                  approval={row}
                  current={row.id === current}
                  snoozed={(until[row.id] ?? 0) > now}
                  onPick={() => setId(row.id)}
                />
              ))}
            </ul>
          )}
        </Loaded>
      </Panel>
      {current ? (
        <ApprovalDetail key={current} id={current} />
      ) : (
        <Panel title="Detail">
          <Empty>Choose a proposal on the left.</Empty>
        </Panel>
      )}
    </div>
  );
}

function ApprovalRow(props: {
  approval: Approval;
  current: boolean;
  snoozed: boolean;
  onPick: () => void;
}): ReactNode {
  const { approval } = props;
  return (
    <li>
      <button
        type="button"
        aria-current={props.current ? "true" : undefined}
        onClick={props.onPick}
        className={`flex w-full items-center justify-between gap-2 border-b border-line px-3 py-2 text-left text-compact -outline-offset-2 hover:bg-s2 aria-[current]:bg-s3 ${props.snoozed ? "text-fg3" : ""}`}
      >
        <span className="min-w-0">
          <span className="block truncate font-semibold">{orderLine(approval)}</span>
          <span className="block truncate text-fg3">
            {approval.id} · {approval.proposed_by.agent || "typed by hand"} · {votes(approval)}
            {props.snoozed ? " · not now" : ""}
          </span>
        </span>
        <span className="flex shrink-0 flex-col items-end">
          {approval.state === "waiting" ? (
            <ExpiryTimer at={approval.expires_at} />
          ) : (
            <StateBadge state={approval.state} />
          )}
        </span>
      </button>
    </li>
  );
}
