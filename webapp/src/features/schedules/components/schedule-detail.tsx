"use client";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import type { ScheduleDetail } from "@/client/contract";
import { sentence } from "@/client/http";
import { OVER, useChangeSchedule, useSchedule } from "@/client/queries-schedules";
import { StateBadge } from "@/features/ui/badge";
import { Button } from "@/features/ui/controls";
import { Confirm } from "@/features/ui/dialog";
import { formatClock, formatPlain } from "@/features/ui/format";
import { Loaded, Panel } from "@/features/ui/panel";
import { KIND_WORDS } from "../lib/form";
import { percent } from "../lib/steps";
import { AmendBox } from "./schedule-amend";
import { ProgressChart } from "./schedule-chart";
import { Children, Report } from "./schedule-report";

export function ScheduleDetailPanel({ id, trades }: { id: string; trades: boolean }): ReactNode {
  const query = useSchedule(id);
  return (
    <Panel title={`Schedule ${id}`} className="lg:h-full">
      <Loaded query={query} label="the schedule">
        {(data) => (
          <div className="flex flex-col gap-3 p-3">
            <Head data={data} />
            {trades && !OVER.includes(data.state) ? <Actions data={data} /> : null}
            <ProgressChart data={data} />
            <Report data={data} />
            <Children data={data} />
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

function Head({ data }: { data: ScheduleDetail }): ReactNode {
  const { terms } = data;
  const done = percent(data.filled, terms.quantity);
  const extra = [
    terms.limit_price === null ? "no limit" : `limit ${formatPlain(terms.limit_price)}`,
    terms.kind === "pov" ? `${formatPlain(terms.participation_pct)} % of volume` : "",
    terms.kind === "shortfall" ? `urgency ${terms.urgency}` : "",
    `at most ${formatPlain(terms.max_shown_pct)} % of what is shown`,
  ].filter(Boolean);
  return (
    <div className="flex flex-col gap-1">
      <p className="text-desk">
        <StateBadge state={data.state} />{" "}
        <b className="font-semibold">
          {terms.side} {formatPlain(terms.quantity)} {terms.instrument}
        </b>{" "}
        for {terms.account}
      </p>
      <p className="text-compact text-fg2">
        {KIND_WORDS[terms.kind]}, {formatClock(terms.start)} to {formatClock(terms.end)}, {extra.join(", ")}.
        Asked for by {data.by}.
      </p>
      {data.reason || data.note ? <p className="text-compact text-fg2">{data.reason || data.note}</p> : null}
      {data.approval ? (
        <p className="text-compact">
          <Link
            className="text-accent underline"
            href={`/approvals/?id=${encodeURIComponent(data.approval)}`}
            prefetch={false}
          >
            Proposal {data.approval}
          </Link>
        </p>
      ) : null}
      <div className="flex items-center gap-2 text-compact text-fg2">
        <span className="whitespace-nowrap">
          Filled {formatPlain(data.filled)} of {formatPlain(terms.quantity)} ({done} %), due{" "}
          {formatPlain(data.due)}
        </span>
        <span
          role="progressbar"
          aria-label="Filled"
          aria-valuenow={done}
          aria-valuemin={0}
          aria-valuemax={100}
          className="h-2 flex-1 overflow-hidden rounded-cell bg-s3"
        >
          <span className="block h-full bg-accent" style={{ width: `${done}%` }} />
        </span>
      </div>
      {data.labels.map((label) => (
        <p key={label} className="text-head text-sim">
          ◇ {label}
        </p>
      ))}
    </div>
  );
}

function Actions({ data }: { data: ScheduleDetail }): ReactNode {
  const change = useChangeSchedule(data.id);
  const [asked, setAsked] = useState<"cancel" | "amend" | null>(null);
  return (
    <>
      <div className="flex flex-wrap gap-2">
        {data.state === "running" ? (
          <Button disabled={change.isPending} onClick={() => change.mutate("pause")}>
            Pause
          </Button>
        ) : null}
        {data.state === "paused" ? (
          <Button look="primary" disabled={change.isPending} onClick={() => change.mutate("resume")}>
            Resume
          </Button>
        ) : null}
        <Button onClick={() => setAsked("amend")}>Amend…</Button>
        <Button onClick={() => setAsked("cancel")}>Cancel…</Button>
      </div>
      {change.error && asked === null ? (
        <p role="alert" className="text-desk text-down">
          ✕ {sentence(change.error)}
        </p>
      ) : null}
      {asked === "amend" ? <AmendBox data={data} onDone={() => setAsked(null)} /> : null}
      {asked === "cancel" ? (
        <Confirm
          open
          onOpenChange={() => setAsked(null)}
          title="Cancel this schedule?"
          consequence={`What has been filled stays (${formatPlain(data.filled)} of ${formatPlain(data.terms.quantity)}); nothing more is sent and the child at work is cancelled.`}
          verb="Cancel the schedule"
          look="danger"
          pending={change.isPending}
          error={change.error}
          onConfirm={() => change.mutate("cancel", { onSuccess: () => setAsked(null) })}
        />
      ) : null}
    </>
  );
}
