import type { ReactNode } from "react";
import type { Frontier, Weighed } from "@/client/contract-desk";
import { CHART, Chart, Stroke } from "@/features/chat/components/line-chart";
import { formatNumber } from "@/features/ui/format";
import { Table } from "@/features/ui/table";
import { frameOf, place } from "../lib/frontier";

/** Expected return (up) against volatility (right): the frontier, each instrument alone, and these weights. */
export function FrontierChart({ frontier, weighed }: { frontier: Frontier; weighed: Weighed }): ReactNode {
  const here = { volatility_pct: weighed.volatility_pct, return_pct: weighed.return_pct };
  const frame = frameOf([...frontier.points, ...frontier.singles, here]);
  const line = frontier.points.map((each) => place(frame, CHART, each));
  const label = `Efficient frontier: from ${formatNumber(frontier.points[0]?.volatility_pct)} % volatility and ${formatNumber(frontier.points[0]?.return_pct)} % return to ${formatNumber(frontier.points.at(-1)?.volatility_pct)} % and ${formatNumber(frontier.points.at(-1)?.return_pct)} %. The table below has every point.`;
  return (
    <div className="flex flex-col gap-2 p-3">
      <figure className="flex flex-col gap-1">
        <Chart
          label={label}
          top={`${formatNumber(frame.top, 0)} %`}
          bottom={`${formatNumber(frame.bottom, 0)} %`}
          left={`${formatNumber(frame.left, 0)} % volatility`}
          right={`${formatNumber(frame.right, 0)} %`}
        >
          <Stroke d={line.map(({ x, y }, n) => `${n ? "L" : "M"}${x} ${y}`).join("")} look="stroke-accent" />
          {frontier.singles.map((each) => (
            <Cross key={Object.keys(each.weights)[0]} {...place(frame, CHART, each)} look="stroke-fg3" />
          ))}
          <Cross {...place(frame, CHART, here)} look="stroke-up" size={9} />
        </Chart>
        <figcaption className="flex flex-wrap gap-4 text-head text-fg2">
          <span>
            <span aria-hidden="true" className="text-accent">
              ━
            </span>{" "}
            frontier
          </span>
          <span>
            <span aria-hidden="true" className="text-fg3">
              +
            </span>{" "}
            each instrument alone
          </span>
          <span>
            <span aria-hidden="true" className="text-up">
              +
            </span>{" "}
            these weights
          </span>
        </figcaption>
      </figure>
      <details className="text-compact text-fg2">
        <summary className="min-h-6 cursor-pointer">{frontier.points.length} points of the frontier</summary>
        <Table
          caption="Points of the frontier"
          rows={frontier.points.map((each, n) => ({ ...each, n }))}
          rowKey={(row) => String(row.n)}
          columns={[
            { head: "Return, %", cell: (row) => formatNumber(row.return_pct), right: true },
            { head: "Volatility, %", cell: (row) => formatNumber(row.volatility_pct), right: true },
            { head: "Holdings", cell: (row) => Object.keys(row.weights).length, right: true },
          ]}
        />
      </details>
    </div>
  );
}

function Cross({ x, y, look, size = 5 }: { x: number; y: number; look: string; size?: number }): ReactNode {
  return <Stroke d={`M${x - size} ${y}H${x + size}M${x} ${y - size}V${y + size}`} look={look} />;
}
