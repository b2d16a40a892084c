"use client";
import dynamic from "next/dynamic";
import { type ReactNode, useState } from "react";
import type { Bar, Bars, Instrument, Range } from "@/client/contract";
import { useBars } from "@/client/queries";
import { useLive } from "@/client/quotes";
import { useShell } from "@/features/shell/hooks/use-shell";
import { Badge } from "@/features/ui/badge";
import { Button, Choice } from "@/features/ui/controls";
import {
  formatChange,
  formatNumber,
  formatPercent,
  formatTime,
  tickDigits,
  toneOf,
} from "@/features/ui/format";
import { Loaded, Panel, Skeleton } from "@/features/ui/panel";
import { Scroll } from "@/features/ui/scroll";
import { Table } from "@/features/ui/table";
import { Depth } from "./depth";
import { Last } from "./watchlist";

const PriceChart = dynamic(() => import("./price-chart").then((module) => module.PriceChart), {
  ssr: false,
  loading: () => <Skeleton label="the chart" />,
});

const RANGES = (["1M", "6M", "1Y", "5Y", "MAX"] as const).map((value) => ({ value, label: value }));

export function ChartPanel({ instrument }: { instrument: Instrument }): ReactNode {
  const range = useShell((state) => state.range);
  const setRange = useShell((state) => state.setRange);
  const query = useBars(instrument.id, range);
  const [view, setView] = useState<"chart" | "table" | "book">("chart");
  const asTable = view === "table";
  const asBook = view === "book" && instrument.tradable;
  return (
    <Panel
      title={`${instrument.symbol} · ${instrument.name}`}
      scroll={false}
      className="h-105 lg:h-auto"
      aside={
        <>
          <Choice<Range> label="Range" value={range} options={RANGES} onChange={setRange} />
          <Button
            className="h-7!"
            aria-pressed={asTable}
            onClick={() => setView(asTable ? "chart" : "table")}
          >
            {asTable ? "Chart" : "Table"}
          </Button>
          {instrument.tradable ? (
            <Button className="h-7!" aria-pressed={asBook} onClick={() => setView(asBook ? "chart" : "book")}>
              Book
            </Button>
          ) : null}
        </>
      }
    >
      <QuoteLine instrument={instrument} label={query.data?.label ?? instrument.label} />
      {asBook ? (
        <Depth instrument={instrument} />
      ) : (
        <Loaded
          query={query}
          label="prices"
          isEmpty={(data) => data.bars.length === 0}
          empty="No prices in this range. Choose a longer one."
        >
          {(data) =>
            asTable ? (
              <BarTable data={data} instrument={instrument} />
            ) : (
              <figure className="relative min-h-0 flex-1" aria-label={describe(data, instrument)}>
                <PriceChart
                  key={`${data.instrument}-${range}`}
                  bars={data.bars}
                  instrument={instrument.id}
                  digits={tickDigits(instrument.tick)}
                />
              </figure>
            )
          }
        </Loaded>
      )}
    </Panel>
  );
}

function QuoteLine({ instrument, label }: { instrument: Instrument; label: string | null }): ReactNode {
  const quote = useLive((state) => state.quotes[instrument.id]);
  const digits = tickDigits(instrument.tick);
  return (
    <div className="flex flex-wrap items-baseline gap-x-4 px-3 py-2 text-compact text-fg2">
      <span className="text-h2 font-semibold text-fg">
        <Last instrument={instrument} />
        <span className="ml-1 text-compact text-fg3">{instrument.currency}</span>
      </span>
      <span className={toneOf(quote?.change)}>
        {formatChange(quote?.change, digits)} ({formatPercent(quote?.change_pct)})
      </span>
      <span>
        Bid <span className="text-buy">{formatNumber(quote?.bid, digits)}</span>
      </span>
      <span>
        Ask <span className="text-down">{formatNumber(quote?.ask, digits)}</span>
      </span>
      <span className="text-fg3">{formatTime(quote?.time)}</span>
      {instrument.simulated || quote?.simulated ? <Badge tone="sim">SIMULATED</Badge> : null}
      {label ? <span className="text-fg3">{label}</span> : null}
    </div>
  );
}

function describe(data: Bars, instrument: Instrument): string {
  const first = data.bars[0];
  const last = data.bars.at(-1);
  if (!first || !last) return `${instrument.symbol}: no prices`;
  const digits = tickDigits(instrument.tick);
  const change = first.close ? ((last.close - first.close) / first.close) * 100 : null;
  return `${instrument.symbol} closing prices, ${first.time} to ${last.time}: from ${formatNumber(first.close, digits)} to ${formatNumber(last.close, digits)} ${instrument.currency}, ${formatPercent(change)}. The Table button shows every bar.`;
}

function BarTable({ data, instrument }: { data: Bars; instrument: Instrument }): ReactNode {
  const digits = tickDigits(instrument.tick);
  const price = (read: (bar: Bar) => number | null) => (bar: Bar) => formatNumber(read(bar), digits);
  return (
    <Scroll label="Price table" className="min-h-0 flex-1 overflow-auto">
      <Table
        caption={`${instrument.symbol} daily prices in ${instrument.currency}, newest first`}
        rows={data.bars.slice(-500).reverse()}
        rowKey={(bar) => bar.time}
        columns={[
          { head: "Day", cell: (bar) => bar.time },
          { head: "Open", cell: price((bar) => bar.open), right: true },
          { head: "High", cell: price((bar) => bar.high), right: true },
          { head: "Low", cell: price((bar) => bar.low), right: true },
          { head: "Close", cell: price((bar) => bar.close), right: true },
        ]}
      />
    </Scroll>
  );
}
