import type { ReactNode } from "react";
import { type Regimes, useRegimes } from "@/client/queries-research";
import { CHART, Chart, Stroke } from "@/features/chat/components/line-chart";
import { linePath, scale } from "@/features/chat/lib/card";
import { Badge } from "@/features/ui/badge";
import { formatDate, formatNumber, formatPercent } from "@/features/ui/format";
import { Loaded, Panel } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";
import { stretchBoxes } from "../lib/draw";

const LOOK: Record<string, string> = { wild: "bg-warn", rising: "bg-up", thin: "bg-sim" };

/** In which state a market was when, and which arm the regime arm followed. */
export function RegimesPanel({
  instrument,
  years,
  mark,
}: {
  instrument: string;
  years: number;
  mark: string;
}): ReactNode {
  const regimes = useRegimes(instrument, years);
  return (
    <Panel title="States of the market" className="lg:flex-1" aside={<Badge tone="sim">{mark}</Badge>}>
      <Loaded query={regimes} label="states; the first time it takes a few seconds">
        {(data) => <States data={data} />}
      </Loaded>
    </Panel>
  );
}

function States({ data }: { data: Regimes }): ReactNode {
  return (
    <div className="flex flex-col gap-4 p-3">
      <p className="text-desk text-fg2">
        On {formatDate(data.end)}: <b className="font-semibold text-fg">{data.now}</b>. The regime arm follows{" "}
        <b className="font-semibold text-fg">{data.now_holds.replaceAll("_", " ")}</b> and holds{" "}
        {formatNumber(data.now_share * 100, 0)} % of wealth; on {formatNumber(data.followed_pct)} % of the
        days it followed another arm than buy and hold, which it does only where that was surely better.
      </p>
      <Price data={data} />
      <Bands data={data} />
      <Table
        caption="Each state, and the day after it"
        rows={data.states}
        rowKey={(row) => row.name}
        columns={[
          { head: "State", cell: (row) => row.name },
          { head: "Days", cell: (row) => row.days, right: true },
          {
            head: "Return after, a year",
            cell: (row) => formatPercent(row.return_pct),
            right: true,
            wide: true,
          },
          { head: "Volatility after, %", cell: (row) => formatNumber(row.volatility_pct, 1), right: true },
        ]}
      />
      <ul className="list-disc pl-5 text-compact text-fg2">
        <li>
          Each state is a yes or no against the instrument’s own past: the month’s deviation (wild), the close
          against the mean of 200 (rising), the spread that returns imply (thin).
        </li>
        <li>
          Returns after a state are what happened, not what will; they have no interval and prove nothing.
        </li>
        <li>Prices: {data.label}.</li>
      </ul>
    </div>
  );
}

function Price({ data }: { data: Regimes }): ReactNode {
  const logs = data.closes.map((close) => Math.log(Math.max(close, 1e-9)));
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  const to = scale(logs.length, low, high, CHART.width, CHART.height);
  return (
    <Chart
      label={`Closes of ${data.instrument} from ${formatNumber(data.closes[0])} to ${formatNumber(data.closes.at(-1))}, logarithmic.`}
      top={formatNumber(Math.exp(high))}
      bottom={formatNumber(Math.exp(low))}
      left={data.start}
      right={data.end}
    >
      <Stroke d={linePath(logs, to)} look="stroke-accent" />
    </Chart>
  );
}

function Bands({ data }: { data: Regimes }): ReactNode {
  return (
    <div className="flex flex-col gap-2">
      {data.bands.map((band) => (
        <Row
          key={band.name}
          name={`${band.name}, else ${band.opposite}`}
          label={`${band.name} on ${formatNumber(band.percent, 0)} % of the days, else ${band.opposite}`}
          boxes={stretchBoxes(band.stretches, data.start, data.end)}
          look={LOOK[band.name] ?? "bg-fg2"}
        />
      ))}
      <Row
        name="another arm followed"
        label={
          data.followed.length === 0
            ? "buy and hold was followed on every day"
            : data.followed.map((each) => `${each.arm} from ${each.start} to ${each.end}`).join("; ")
        }
        boxes={stretchBoxes(data.followed, data.start, data.end)}
        look="bg-accent"
      />
    </div>
  );
}

function Row(props: {
  name: string;
  label: string;
  boxes: { left: number; width: number }[];
  look: string;
}): ReactNode {
  return (
    <div className="flex flex-col gap-0.5">
      <span className="text-head text-fg2">{props.name}</span>
      <div role="img" aria-label={props.label} className="relative h-4 overflow-hidden rounded-cell bg-s3">
        {props.boxes.map((box) => (
          <span
            key={box.left}
            className={`absolute inset-y-0 ${props.look}`}
            style={{ left: `${box.left}%`, width: `${box.width}%` }}
          />
        ))}
      </div>
    </div>
  );
}
