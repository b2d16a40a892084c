import { type ReactNode, useRef, useState } from "react";
import { type Heat, type HeatCell, useHeat } from "@/client/queries-research";
import { Badge } from "@/features/ui/badge";
import { formatChange, formatDate, formatNumber, formatTime } from "@/features/ui/format";
import { Empty, Loaded, Panel } from "@/features/ui/panel";
import { Scroll } from "@/features/ui/scroll";
import { tintOf } from "../lib/draw";

/** What the news say, by sector and asset and day; a row opens the headlines behind it. */
export function HeatPanel(): ReactNode {
  const heat = useHeat();
  const [picked, pick] = useState("");
  const evidence = useRef<HTMLDivElement>(null);
  const cells = heat.data ? [...heat.data.sectors, ...heat.data.assets] : [];
  const cell = cells.find((each) => keyOf(each) === picked);
  const show = (key: string) => {
    pick(key);
    if (key) requestAnimationFrame(() => evidence.current?.scrollIntoView({ block: "nearest" }));
  };
  return (
    <div className="grid min-h-0 grid-cols-1 gap-2 lg:flex-1 lg:grid-cols-[minmax(0,1.5fr)_minmax(0,1fr)]">
      <Panel
        title="News by sector and asset"
        scroll={false}
        aside={heat.data ? <Badge tone="sim">{heat.data.label}</Badge> : null}
      >
        <Loaded
          query={heat}
          label="the news"
          isEmpty={(data) => data.assets.length === 0}
          empty="No headline in the last four weeks. TENOR_NEWS_FEEDS brings live ones."
        >
          {(data) => <Grid data={data} picked={picked} pick={show} />}
        </Loaded>
      </Panel>
      <div ref={evidence} className="flex min-h-0 min-w-0 scroll-mb-14 flex-col">
        <Panel className="lg:flex-1" title={cell ? `Evidence: ${cell.name}` : "Evidence"}>
          {cell && heat.data ? (
            <Evidence cell={cell} data={heat.data} />
          ) : (
            <Empty>
              Choose a row to see the headlines behind its score, its trend, and whether news bursts.
            </Empty>
          )}
        </Panel>
      </div>
    </div>
  );
}

const keyOf = (cell: HeatCell) => cell.instrument || `sector ${cell.name}`;

function Grid(props: { data: Heat; picked: string; pick: (key: string) => void }): ReactNode {
  const { data } = props;
  return (
    <Scroll label="Heat map" className="min-h-0 flex-1 overflow-auto">
      <table className="w-full border-collapse text-compact">
        <caption className="sr-only">Score of the news by day, from −1 to +1</caption>
        <thead>
          <tr>
            <th scope="col" className="sticky top-0 left-0 z-2 bg-s2 px-2 text-left text-head text-fg3">
              Sector, asset
            </th>
            <th scope="col" className="sticky top-0 z-1 bg-s2 px-2 text-right text-head text-fg3">
              Now
            </th>
            {data.days
              .slice(0, -1)
              .reverse()
              .map((day) => (
                <th
                  key={day}
                  scope="col"
                  className="sticky top-0 z-1 bg-s2 px-1 text-right text-head text-fg3"
                >
                  {day.slice(5)}
                </th>
              ))}
          </tr>
        </thead>
        <tbody>
          {data.sectors.map((sector) => (
            <Sector key={sector.name} sector={sector} {...props} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Sector({
  sector,
  data,
  ...rest
}: {
  sector: HeatCell;
  data: Heat;
  picked: string;
  pick: (key: string) => void;
}): ReactNode {
  const own = data.assets.filter((each) => each.sector === sector.name);
  return (
    <>
      <Row cell={sector} {...rest} />
      {own.map((each) => (
        <Row key={each.instrument} cell={each} {...rest} />
      ))}
    </>
  );
}

function Row(props: { cell: HeatCell; picked: string; pick: (key: string) => void }): ReactNode {
  const { cell } = props;
  const chosen = keyOf(cell) === props.picked;
  const whole = cell.instrument === "";
  return (
    <tr className={`border-t border-line ${chosen ? "bg-s3" : ""}`}>
      <th
        scope="row"
        className={`sticky left-0 z-1 px-2 text-left font-normal ${chosen ? "bg-s3" : "bg-s1"}`}
      >
        <button
          type="button"
          aria-pressed={chosen}
          onClick={() => props.pick(chosen ? "" : keyOf(cell))}
          className={`min-h-7 max-sm:min-h-11 text-left hover:underline ${whole ? "font-semibold text-fg" : "pl-3 text-fg2"}`}
        >
          {whole ? cell.name.charAt(0).toUpperCase() + cell.name.slice(1) : cell.name}
          {cell.bursting ? <span className="pl-1 text-warn">▲ burst</span> : null}
        </button>
      </th>
      {[...cell.scores].reverse().map((score, place) => (
        <td
          // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
          key={place}
          className={`px-1 text-right ${place === 0 ? "font-semibold" : ""}`}
          style={{
            background: `color-mix(in oklab, var(${score < 0 ? "--down" : "--up"}) ${tintOf(score) / 2}%, transparent)`,
          }}
        >
          {formatChange(score)}
        </td>
      ))}
    </tr>
  );
}

function Evidence({ cell, data }: { cell: HeatCell; data: Heat }): ReactNode {
  return (
    <div className="flex flex-col gap-3 p-3">
      <p className="text-desk text-fg2">
        Score <b className="font-semibold text-fg">{formatChange(cell.score)}</b> from {cell.headlines}{" "}
        {cell.headlines === 1 ? "headline" : "headlines"} of {data.window_days} days; trend {cell.trend}
        {cell.trend_week === null ? "" : ` (${formatChange(cell.trend_week)} a week)`}.{" "}
        {cell.bursting
          ? `News bursts: ${cell.burst_count} in two days where ${formatNumber(cell.burst_usual, 1)} are usual (chance ${formatNumber(cell.burst_chance, 4)}).`
          : `${cell.burst_count} in two days, ${formatNumber(cell.burst_usual, 1)} usual (chance ${formatNumber(cell.burst_chance, 4)}): too little for a burst among so many.`}
      </p>
      <ul className="flex flex-col gap-2">
        {cell.evidence.map((each) => (
          <li key={`${each.known} ${each.title}`} className="border-t border-line pt-2">
            <p className="text-desk text-fg">
              {each.url ? (
                <a
                  className="text-accent underline"
                  href={each.url}
                  rel="noreferrer noopener"
                  target="_blank"
                >
                  {each.title}
                </a>
              ) : (
                each.title
              )}
            </p>
            <p className="text-compact text-fg2">
              {formatChange(each.score)} · {each.source}, weight {formatNumber(each.weight, 1)} ·{" "}
              {formatTime(each.known)}
              {each.copies > 0 ? ` · told ${each.copies + 1} times` : ""}
            </p>
          </li>
        ))}
      </ul>
      <p className="text-head text-fg3">
        Scores by rules, half as much after {data.half_life_days} days, beside one neutral headline. A near
        copy counts once. Sources:{" "}
        {Object.entries(data.source_weights)
          .map(([name, weight]) => `${name} ${weight}`)
          .join(", ")}
        .
      </p>
      <p className="text-head text-fg3">
        Known at {formatTime(data.now)}: {formatDate(data.now)} is the market’s day.
      </p>
    </div>
  );
}
