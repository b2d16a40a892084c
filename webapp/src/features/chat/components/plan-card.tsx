import type { ReactNode } from "react";
import type { AnswerCard } from "@/client/contract";
import { formatNumber, formatPlain } from "@/features/ui/format";
import { Scroll } from "@/features/ui/scroll";
import { Table } from "@/features/ui/table";
import {
  type Body,
  bandPath,
  isBody,
  linePath,
  number,
  numbers,
  roundUp,
  scale,
  seriesOf,
  short,
  text,
} from "../lib/card";
import { AsTable, CardFrame } from "./card-frame";
import { CHART, Chart, Stroke } from "./line-chart";

const WORDS: Record<string, string> = {
  p5: "one path in twenty is worse",
  p25: "one in four is worse",
  p50: "middle",
  p75: "one in four is better",
  p95: "one in twenty is better",
};

function mix(body: Body, name: string): string {
  const found = body[name];
  if (!isBody(found)) return "—";
  return `${formatPlain(number(found.stocks_pct))} % stocks, ${formatPlain(number(found.bonds_pct))} % bonds`;
}

/** Wealth by age as a fan of percentiles. */
export function PlanCard({ card }: { card: AnswerCard }): ReactNode {
  const { body } = card;
  const ages = numbers(body.ages);
  const bands = new Map(seriesOf(body.paths, ages.length));
  const [low, high, middle] = [bands.get("p5"), bands.get("p95"), bands.get("p50")];
  const retire = number(body.retire_at);
  const top = roundUp(Math.max(0, ...(bands.get("p75") ?? []), ...(middle ?? [])) * 1.3);
  const to = scale(ages.length, 0, top, CHART.width, CHART.height);
  const inner = [bands.get("p25"), bands.get("p75")] as const;
  const at = retire === null ? -1 : ages.indexOf(retire);
  const lines = ages.map((age, index) => ({ age, index }));
  return (
    <CardFrame card={card}>
      <p className="text-compact text-fg2">
        {number(body.chance_pct) === null ? "" : `${formatPlain(number(body.chance_pct))} % of paths last. `}
        Until retirement{retire === null ? "" : ` at ${retire}`}: {mix(body, "mix_before")}; after it:{" "}
        {mix(body, "mix_after")}.
      </p>
      {middle && low && high ? (
        <>
          <Chart
            label={`Wealth from age ${ages[0]} to ${ages.at(-1)}; the table below holds the numbers.`}
            top={short(top)}
            bottom="0"
            left={`age ${ages[0]}`}
            right={`age ${ages.at(-1)}`}
          >
            <path d={bandPath(low, high, to)} className="fill-accent/15" />
            {inner[0] && inner[1] ? (
              <path d={bandPath(inner[0], inner[1], to)} className="fill-accent/25" />
            ) : null}
            <Stroke d={linePath(middle, to)} look="stroke-accent" />
            {at >= 0 ? <Stroke d={`M${to.x(at)} 0V${CHART.height}`} look="stroke-warn" dash="4 4" /> : null}
          </Chart>
          <p className="text-head text-fg3">
            Line: middle path. Dark band: half of the paths. Light band: nine in ten; its top may leave the
            picture. Dashed: retirement. {text(body.currency)}
          </p>
          <AsTable>
            <Scroll label="Wealth by age" className="max-h-60 overflow-auto">
              <Table
                caption="Wealth by age"
                rows={lines}
                rowKey={(row) => String(row.age)}
                columns={[
                  { head: "Age", cell: (row) => row.age },
                  ...[...bands].map(([name, values]) => ({
                    head: WORDS[name] ?? name,
                    cell: (row: { index: number }) => formatNumber(values[row.index], 0),
                    right: true,
                  })),
                ]}
              />
            </Scroll>
          </AsTable>
        </>
      ) : null}
    </CardFrame>
  );
}
