import type { ReactNode } from "react";
import type { StudyResult } from "@/client/queries-research";
import { CHART, Chart, Stroke } from "@/features/chat/components/line-chart";
import { linePath, scale } from "@/features/chat/lib/card";
import { formatChange, formatDate, formatNumber, formatPercent } from "@/features/ui/format";
import { Banner } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";
import { frameAround } from "../lib/draw";
import { IntervalLine } from "./interval-line";

/** The tear sheet on screen: the verdict and the intervals first, then curves, measures and years. */
export function StudyResultView({ id, result }: { id: string; result: StudyResult }): ReactNode {
  return (
    <div className="flex flex-col gap-4 p-3">
      <header className="flex flex-col gap-1">
        <h3 className="text-form font-semibold">{result.title}</h3>
        <p className="text-desk text-fg2">
          <b className="font-semibold text-fg">{capital(result.verdict)}</b>;{" "}
          {result.days.toLocaleString("en-US")} days, {result.trials} trials.
        </p>
      </header>
      {result.warnings.map((words) => (
        <Banner key={words} tone="warn" alert>
          {capital(words)}.
        </Banner>
      ))}
      <Intervals result={result} />
      <p className="flex flex-wrap gap-4 text-desk">
        {(["html", "pdf"] as const).map((form) => (
          <a
            key={form}
            className="min-h-6 text-accent underline"
            href={`/v1/studies/${id}/sheet.${form}`}
            download
          >
            Tear sheet as {form.toUpperCase()}
          </a>
        ))}
      </p>
      <Curves result={result} />
      <div className="grid grid-cols-1 items-start gap-4 xl:grid-cols-2">
        <Table
          caption="Measures"
          rows={result.measures}
          rowKey={(row) => row.name}
          columns={[
            { head: "Measure", cell: (row) => row.name },
            { head: "Strategy", cell: (row) => row.value, right: true },
            { head: "Buy and hold", cell: (row) => row.baseline, right: true },
          ]}
        />
        <Table
          caption="Returns by year"
          rows={result.years}
          rowKey={(row) => String(row.year)}
          columns={[
            { head: "Year", cell: (row) => row.year },
            { head: "Return", cell: (row) => formatPercent(row.percent), right: true },
          ]}
        />
      </div>
      <details className="text-compact text-fg2">
        <summary className="min-h-6 cursor-pointer">Assumptions and notes</summary>
        <ul className="list-disc pl-5">
          <li>Prices: {result.label}.</li>
          {result.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      </details>
    </div>
  );
}

const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

function Intervals({ result }: { result: StudyResult }): ReactNode {
  const rows = [
    { name: "Sharpe ratio", of: result.sharpe },
    { name: "less buy and hold’s", of: result.difference },
  ].flatMap(({ name, of }) => (of ? [{ name, ...of }] : []));
  if (rows.length === 0) return null;
  const frame = frameAround(rows.flatMap((row) => [row.low, row.high]));
  return (
    <section aria-label="Intervals" className="flex flex-col gap-1">
      {rows.map((row) => (
        <div
          key={row.name}
          className="grid grid-cols-[minmax(0,9rem)_minmax(0,1fr)] items-center gap-x-3 text-compact sm:grid-cols-[minmax(0,9rem)_minmax(0,1fr)_auto]"
        >
          <span className="text-fg2">{row.name}</span>
          <IntervalLine
            frame={frame}
            estimate={row.estimate}
            low={row.low}
            high={row.high}
            beats={result.beats}
          />
          <span className="col-start-2 whitespace-nowrap text-fg sm:col-start-3">
            {formatChange(row.low)} to {formatChange(row.high)}{" "}
            <span className="text-fg3">around {formatChange(row.estimate)}</span>
          </span>
        </div>
      ))}
      <p className="text-head text-fg3">
        95 % intervals; that of the difference is as wide as {result.trials} trials demand.
        {result.luck === null
          ? ""
          : ` Probability ${formatNumber(result.luck)} of being above what luck alone would show.`}
      </p>
    </section>
  );
}

function Curves({ result }: { result: StudyResult }): ReactNode {
  const { curves } = result;
  const logs = [curves.wealth, curves.baseline].map((values) =>
    values.map((value) => Math.log(Math.max(value, 1e-6))),
  );
  const all = logs.flat();
  const [low, high] = [Math.min(0, ...all), Math.max(0, ...all)];
  const falls = [curves.fall, curves.baseline_fall];
  const deepest = Math.min(-1, ...falls.flat());
  const count = curves.days.length;
  return (
    <div className="flex flex-col gap-4">
      <Figure title="Wealth, logarithmic">
        <Chart
          label={`Wealth from ${formatDate(result.start)} to ${formatDate(result.end)}: strategy ends at ${formatNumber(curves.wealth.at(-1))} times, buy and hold at ${formatNumber(curves.baseline.at(-1))} times the opening.`}
          top={`×${formatNumber(Math.exp(high))}`}
          bottom={`×${formatNumber(Math.exp(low))}`}
          left={result.start}
          right={result.end}
        >
          <Lines lines={logs} low={low} high={high} count={count} />
        </Chart>
      </Figure>
      <Figure title="Fall from the peak">
        <Chart
          label={`Largest fall from a peak: strategy ${formatNumber(Math.min(...curves.fall))} %, buy and hold ${formatNumber(Math.min(...curves.baseline_fall))} %.`}
          top="0 %"
          bottom={`${formatNumber(deepest, 0)} %`}
          left={result.start}
          right={result.end}
        >
          <Lines lines={falls} low={deepest} high={0} count={count} />
        </Chart>
      </Figure>
    </div>
  );
}

function Lines(props: { lines: number[][]; low: number; high: number; count: number }): ReactNode {
  const to = scale(props.count, props.low, props.high, CHART.width, CHART.height);
  const [own = [], base = []] = props.lines;
  return (
    <>
      <Stroke d={linePath(base, to)} look="stroke-fg3" dash="5 3" />
      <Stroke d={linePath(own, to)} look="stroke-accent" />
    </>
  );
}

function Figure({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <figure className="flex flex-col gap-1">
      <figcaption className="flex flex-wrap items-center gap-x-4 text-compact text-fg2">
        <b className="font-semibold">{title}</b>
        <span className="text-head">
          <span aria-hidden="true" className="text-accent">
            ━
          </span>{" "}
          strategy
        </span>
        <span className="text-head">
          <span aria-hidden="true" className="text-fg3">
            ┅
          </span>{" "}
          buy and hold
        </span>
      </figcaption>
      {children}
    </figure>
  );
}
