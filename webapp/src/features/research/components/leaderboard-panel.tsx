import type { ReactNode } from "react";
import { type Champion, type Leaderboard, useLeaderboard, useResearch } from "@/client/queries-research";
import { Badge } from "@/features/ui/badge";
import { formatChange, formatDate, formatNumber, formatPercent } from "@/features/ui/format";
import { Empty, Loaded, Panel } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";
import { frameAround } from "../lib/draw";
import { IntervalLine } from "./interval-line";

/** Every arm against buy and hold, each with its interval; and who was champion when. */
export function LeaderboardPanel({
  instrument,
  years,
  mark,
}: {
  instrument: string;
  years: number;
  mark: string;
}): ReactNode {
  const board = useLeaderboard(instrument, years);
  const research = useResearch();
  const titles = new Map((research.data?.strategies ?? []).map((each) => [each.name, each.title]));
  const title = (arm: string) => titles.get(arm) ?? arm.replaceAll("_", " ");
  return (
    <div className="grid min-h-0 grid-cols-1 gap-2 lg:flex-1 lg:grid-rows-[minmax(0,1.6fr)_minmax(0,1fr)]">
      <Panel title="Leaderboard" aside={<Badge tone="sim">{mark}</Badge>}>
        <Loaded query={board} label="the comparison of all arms; the first time it takes a few seconds">
          {(data) => <Board data={data} title={title} />}
        </Loaded>
      </Panel>
      <Panel title="Champion and challenger, on the record">
        <Loaded query={research} label="the record">
          {(data) => (
            <Champions
              rows={data.champions.filter((each) => each.instrument === instrument)}
              title={title}
              instrument={instrument}
            />
          )}
        </Loaded>
      </Panel>
    </div>
  );
}

function Board({ data, title }: { data: Leaderboard; title: (arm: string) => string }): ReactNode {
  const frame = frameAround(data.differences.flatMap((each) => [each.low, each.high]));
  const base = data.arms.find((each) => !data.differences.some((one) => one.arm === each.arm));
  const rows = [...data.differences]
    .sort((a, b) => b.low - a.low)
    .map((each) => ({ ...each, run: data.arms.find((one) => one.arm === each.arm) }));
  return (
    <div className="flex flex-col gap-3 p-3">
      <p className="text-desk text-fg2">
        <b className="font-semibold text-fg">
          {data.winner ? `${title(data.winner)} beats buy and hold` : "None beats buy and hold"}
        </b>
        ; {formatDate(data.start)} to {formatDate(data.end)}, {data.trials} trials, probability that the
        choice is overfitted {formatNumber(data.overfitting)}.
        {base
          ? ` Buy and hold: ${formatPercent(base.yearly_pct)} a year, drawdown ${formatNumber(base.drawdown_pct)} %.`
          : ""}
      </p>
      <Table
        caption="Arms by the lower end of their interval"
        rows={rows}
        rowKey={(row) => row.arm}
        columns={[
          {
            head: "Arm",
            cell: (row) => (
              <>
                {title(row.arm)}
                {row.arm === data.winner ? <b className="text-up"> ✓ wins</b> : null}
              </>
            ),
          },
          {
            head: "Sharpe ratio less buy and hold’s",
            cell: (row) => (
              <IntervalLine
                frame={frame}
                estimate={row.estimate}
                low={row.low}
                high={row.high}
                beats={row.arm === data.winner}
              />
            ),
            className: "w-2/5 min-w-28",
          },
          {
            head: "Interval",
            cell: (row) => (
              <span className="max-sm:whitespace-normal">
                {formatChange(row.low)} to {formatChange(row.high)}
              </span>
            ),
            right: true,
          },
          { head: "Chance of luck", cell: (row) => formatNumber(row.luck), right: true, wide: true },
          { head: "Deflated", cell: (row) => formatNumber(row.deflated), right: true, wide: true },
          {
            head: "Return a year",
            cell: (row) => formatPercent(row.run?.yearly_pct),
            right: true,
            wide: true,
          },
          {
            head: "Drawdown, %",
            cell: (row) => formatNumber(row.run?.drawdown_pct),
            right: true,
            wide: true,
          },
        ]}
      />
      <ul className="list-disc pl-5 text-compact text-fg2">
        <li>
          Intervals are as wide as all trials demand (block bootstrap, Bonferroni); an arm wins only above
          zero.
        </li>
        {data.failed.map((each) => (
          <li key={each.arm}>
            {title(each.arm)} did not run: {each.why}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Champions(props: {
  rows: Champion[];
  title: (arm: string) => string;
  instrument: string;
}): ReactNode {
  const [now] = props.rows;
  if (!now)
    return (
      <Empty>
        Nothing is recorded for {props.instrument}: buy and hold is champion until an arm has shown itself.
        “tenor experiments watch” looks; whoever may run evaluations may promote a winner.
      </Empty>
    );
  return (
    <div className="flex flex-col gap-2 p-3">
      <p className="text-desk">
        Now <b className="font-semibold">{props.title(now.champion)}</b>
        {now.challenger ? `, challenged by ${props.title(now.challenger)}` : ""}: {now.why}.
      </p>
      <Table
        caption="Switches, newest first"
        rows={props.rows.map((each, place) => ({ ...each, place }))}
        rowKey={(row) => String(row.place)}
        columns={[
          { head: "Champion", cell: (row) => props.title(row.champion) },
          {
            head: "Challenger",
            cell: (row) => (row.challenger ? props.title(row.challenger) : "—"),
            wide: true,
          },
          { head: "Why", cell: (row) => row.why },
          { head: "Since", cell: (row) => formatDate(row.since), right: true, wide: true },
          { head: "Looked", cell: (row) => formatDate(row.looked), right: true },
          { head: "By", cell: (row) => row.by, right: true },
        ]}
      />
    </div>
  );
}
