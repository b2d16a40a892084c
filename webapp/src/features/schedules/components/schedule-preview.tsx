"use client";
import type { ReactNode } from "react";
import type { SchedulePreview } from "@/client/contract";
import { useSystem } from "@/client/queries-desk";
import { Badge } from "@/features/ui/badge";
import { Button } from "@/features/ui/controls";
import { formatClock, formatMoney, formatNumber, formatPlain } from "@/features/ui/format";
import { Scroll } from "@/features/ui/scroll";
import { Table } from "@/features/ui/table";

const bps = (value: number) => `${formatNumber(value, 2)} bp`;

/** What would happen: slices, expected cost, who must agree; then Start. */
export function PreviewBox(props: {
  preview: SchedulePreview;
  symbol: string;
  pending: boolean;
  onStart: () => void;
  onDrop: () => void;
}): ReactNode {
  const { preview } = props;
  const { terms, expected } = preview;
  const halted = useSystem().data?.halt.halted ?? false;
  const what = `${terms.side} ${formatPlain(terms.quantity)} ${props.symbol}`;
  return (
    <div className="flex flex-col gap-2 rounded-ctl border border-line bg-s2 p-2" aria-live="polite">
      <p className="text-compact text-fg2">
        {what} from {formatClock(terms.start)} to {formatClock(terms.end)} in {preview.plan.length} slices,
        about {formatMoney(preview.notional, preview.currency)}.
      </p>
      <p className="text-compact text-fg2">
        Expected cost against arrival {bps(expected.total)} (spread {bps(expected.spread)}, commission{" "}
        {bps(expected.commission)}, impact {bps(expected.permanent + expected.temporary)}); 95 % of outcomes
        from {bps(expected.low)} to {bps(expected.high)}. {expected.model}.
      </p>
      {preview.labels.map((label) => (
        <p key={label} className="text-head text-sim">
          ◇ {label}
        </p>
      ))}
      {preview.warnings.map((check) => (
        <p key={check.rule} className="text-compact text-warn">
          ◐ {check.message}; children may be made smaller or refused.
        </p>
      ))}
      {preview.needs_approval ? (
        <Badge tone="warn">Above your threshold: a second person must agree to all of it</Badge>
      ) : null}
      {halted ? (
        <p role="status" className="text-compact text-warn">
          ◐ Start blocked. The desk is halted.
        </p>
      ) : null}
      <div className="flex gap-2">
        <Button
          look={terms.side === "buy" ? "buy" : "sell"}
          className="flex-1"
          disabled={props.pending || halted}
          onClick={props.onStart}
        >
          {props.pending ? "Starting…" : preview.needs_approval ? "Ask for approval" : `Start: ${what}`}
        </Button>
        <Button onClick={props.onDrop}>Drop</Button>
      </div>
      <Scroll label="Slices of the preview" className="max-h-40 overflow-auto">
        <Table
          caption="Slices"
          rows={preview.plan}
          rowKey={(row) => row.at}
          columns={[
            { head: "Due", cell: (row) => formatClock(row.at) },
            { head: "Quantity", cell: (row) => formatPlain(row.quantity), right: true },
            { head: "In all", cell: (row) => formatPlain(row.total), right: true },
          ]}
        />
      </Scroll>
    </div>
  );
}
