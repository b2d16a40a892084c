"use client";
import { memo, type ReactNode, useState } from "react";
import type { Instrument } from "@/client/contract";
import { heardAt, useLive } from "@/client/quotes";
import { useShell } from "@/features/shell/hooks/use-shell";
import { freshness } from "@/features/shell/lib/freshness";
import { Badge } from "@/features/ui/badge";
import { INPUT } from "@/features/ui/controls";
import { formatNumber, formatPercent, tickDigits, toneOf } from "@/features/ui/format";
import { Empty, Panel } from "@/features/ui/panel";
import { useNow } from "@/features/ui/use-now";

/** True while prices may not be trusted: they are drawn in the hint colour and Send is blocked. */
export function useStale(): boolean {
  const link = useLive((state) => state.link);
  return freshness(link, heardAt(), 0, useNow()).stale;
}

export function Last({ instrument }: { instrument: Instrument }): ReactNode {
  const last = useLive((state) => state.quotes[instrument.id]?.last ?? null);
  const stale = useStale();
  return (
    <span key={last} className={`rounded-cell px-0.5 ${stale ? "text-fg3" : "text-fg flash"}`}>
      {formatNumber(last, tickDigits(instrument.tick))}
    </span>
  );
}

function Change({ id }: { id: string }): ReactNode {
  const change = useLive((state) => state.quotes[id]?.change_pct ?? null);
  return <span className={toneOf(change)}>{formatPercent(change)}</span>;
}

const Row = memo(function Row({
  instrument,
  current,
}: {
  instrument: Instrument;
  current: boolean;
}): ReactNode {
  const pick = useShell((state) => state.pick);
  return (
    <li>
      <button
        type="button"
        aria-current={current ? "true" : undefined}
        onClick={() => pick(instrument.id)}
        className="grid h-8 max-sm:h-11 w-full grid-cols-[minmax(0,1fr)_auto_76px] items-center gap-2 border-t border-line px-3 text-left text-compact -outline-offset-2 hover:bg-s2 aria-[current]:bg-s3"
      >
        <span
          className="truncate"
          title={`${instrument.name}${instrument.label ? `, ${instrument.label}` : ""}`}
        >
          <span className="font-semibold">{instrument.symbol}</span>{" "}
          <span className="text-fg3">{instrument.name}</span>
          {instrument.simulated ? <span className="text-sim"> ◇</span> : null}
        </span>
        <Last instrument={instrument} />
        <span className="text-right">
          <Change id={instrument.id} />
        </span>
      </button>
    </li>
  );
});

export function Watchlist({
  instruments,
  current,
}: {
  instruments: Instrument[];
  current: string;
}): ReactNode {
  const [find, setFind] = useState("");
  const needle = find.trim().toLowerCase();
  const shown = instruments.filter((each) => `${each.symbol} ${each.name}`.toLowerCase().includes(needle));
  const classes = [...new Set(shown.map((each) => each.asset_class))];
  return (
    <Panel
      title="Watchlist"
      className="max-lg:max-h-80"
      aside={
        <input
          aria-label="Filter the watchlist"
          placeholder="Filter"
          value={find}
          onChange={(event) => setFind(event.target.value)}
          className={`${INPUT} h-6! max-w-28 text-compact!`}
        />
      }
    >
      {shown.length === 0 ? <Empty>No instrument matches “{find}”. Clear the filter.</Empty> : null}
      {classes.map((name) => (
        <section key={name} aria-label={name}>
          <h3 className="sticky top-0 z-1 flex justify-between bg-s2 px-3 py-1 text-head text-fg3">
            {name}
            {shown.every((each) => each.asset_class !== name || each.simulated) ? (
              <Badge tone="sim">simulated</Badge>
            ) : null}
          </h3>
          <ul>
            {shown
              .filter((each) => each.asset_class === name)
              .map((each) => (
                <Row key={each.id} instrument={each} current={each.id === current} />
              ))}
          </ul>
        </section>
      ))}
    </Panel>
  );
}
