import type { ReactNode } from "react";
import type { ScheduleDetail } from "@/client/contract";
import { CHART, Chart, Stroke } from "@/features/chat/components/line-chart";
import { formatClock, formatPlain } from "@/features/ui/format";
import { filled, planned, stair } from "../lib/steps";

const ms = (iso: string): number => new Date(iso).getTime();

/** Planned (dashed) against filled (solid) over the schedule's time. */
export function ProgressChart({ data }: { data: ScheduleDetail }): ReactNode {
  const { terms } = data;
  const box = { start: ms(terms.start), end: ms(terms.end), most: terms.quantity, ...CHART };
  const label = `Planned against filled: ${formatPlain(data.due)} due and ${formatPlain(data.filled)} filled of ${formatPlain(terms.quantity)} at ${formatClock(data.market_time)}. The tables below show slices and children.`;
  return (
    <figure className="flex flex-col gap-1">
      <Chart
        label={label}
        top={formatPlain(terms.quantity)}
        bottom="0"
        left={formatClock(terms.start)}
        right={formatClock(terms.end)}
      >
        <Stroke d={stair(planned(data.plan), box, box.end)} look="stroke-fg3" dash="4 4" />
        <Stroke d={stair(filled(data.orders), box, ms(data.market_time))} look="stroke-accent" />
      </Chart>
      <figcaption className="flex gap-4 text-head text-fg2">
        <span>
          <span aria-hidden="true" className="text-fg3">
            ┄
          </span>{" "}
          planned
        </span>
        <span>
          <span aria-hidden="true" className="text-accent">
            ━
          </span>{" "}
          filled
        </span>
      </figcaption>
    </figure>
  );
}
