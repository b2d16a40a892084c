import type { ReactNode } from "react";
import type { AnswerCard } from "@/client/contract";
import { formatChange, formatNumber, formatPercent, formatPlain } from "@/features/ui/format";
import { Scroll } from "@/features/ui/scroll";
import { Table } from "@/features/ui/table";
import { type Body, linePath, number, rows, scale, seriesOf, short, text, texts } from "../lib/card";
import { CardFrame } from "./card-frame";
import { CHART, Chart, Stroke } from "./line-chart";

/** No two lines share both a colour and a dash, so that a grey print still tells them apart. */
const LOOKS = [
  ["stroke-fg", "text-fg", ""],
  ["stroke-accent", "text-accent", "7 3"],
  ["stroke-warn", "text-warn", "2 3"],
  ["stroke-sim", "text-sim", "9 3 2 3"],
  ["stroke-up", "text-up", "4 4"],
  ["stroke-down", "text-down", "1 4"],
] as const;
const look = (at: number) => LOOKS[at % LOOKS.length] ?? LOOKS[0];

function interval(row: Body): string {
  const [low, high] = [number(row.low), number(row.high)];
  return low === null || high === null ? "baseline" : `${formatChange(low)} to ${formatChange(high)}`;
}

/** Forecasters side by side: measures with the interval of the difference, and what became of the money. */
export function ComparisonCard({ card }: { card: AnswerCard }): ReactNode {
  const { body } = card;
  const arms = rows(body.rows);
  const dates = texts(body.dates);
  const wealth = seriesOf(body.wealth, dates.length);
  const all = wealth.flatMap(([, values]) => values);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const to = scale(dates.length, low, high, CHART.width, CHART.height);
  const title = (name: string) => text(arms.find((arm) => arm.arm === name)?.title) || name;
  return (
    <CardFrame card={card}>
      <p className="text-compact text-fg2">
        {text(body.instrument)}, {formatPlain(number(body.days))} days, {formatPlain(number(body.trials))}{" "}
        trials: <b className="font-semibold text-fg">{text(body.verdict)}</b>
      </p>
      {all.length > 0 ? (
        <figure className="flex flex-col gap-1">
          <Chart
            label={`What became of the money from ${dates[0]} to ${dates.at(-1)}: ${wealth
              .map(([name, values]) => `${title(name)} ${short(values.at(-1) ?? 0)}`)
              .join(", ")}.`}
            top={short(high)}
            bottom={short(low)}
            left={dates[0] ?? ""}
            right={dates.at(-1) ?? ""}
          >
            {wealth.map(([name, values], at) => (
              <Stroke key={name} d={linePath(values, to)} look={look(at)[0]} dash={look(at)[2]} />
            ))}
          </Chart>
          <figcaption className="flex flex-wrap gap-x-4 text-head">
            {wealth.map(([name], at) => (
              <span key={name} className={`inline-flex items-center gap-1 ${look(at)[1]}`}>
                <svg viewBox="0 0 24 4" className="h-1 w-6" aria-hidden="true">
                  <Stroke d="M0 2H24" look={look(at)[0]} dash={look(at)[2]} />
                </svg>
                {title(name)}
              </span>
            ))}
          </figcaption>
        </figure>
      ) : null}
      <Scroll label="Measures" className="overflow-x-auto">
        <Table
          caption="Measures of each arm"
          rows={arms}
          rowKey={(row) => text(row.arm)}
          columns={[
            {
              head: "Arm",
              cell: (row) => (
                <>
                  {text(row.title)}
                  {row.arm === body.winner ? <b className="text-up"> ✓ wins</b> : null}
                </>
              ),
              className: "min-w-36",
            },
            { head: "Sharpe", cell: (row) => formatNumber(number(row.sharpe)), right: true },
            { head: "Above baseline, interval", cell: interval, right: true },
            { head: "A year", cell: (row) => formatPercent(number(row.yearly_pct)), right: true },
            {
              head: "Largest fall",
              cell: (row) => `${formatNumber(number(row.drawdown_pct))} %`,
              right: true,
            },
            { head: "Trades", cell: (row) => formatPlain(number(row.trades)), right: true },
          ]}
        />
      </Scroll>
    </CardFrame>
  );
}
