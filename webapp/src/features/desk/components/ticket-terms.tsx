"use client";
import type { ReactNode } from "react";
import type { Instrument, OrderType, TimeInForce } from "@/client/contract";
import { Field, INPUT } from "@/features/ui/controls";
import { formatNumber, formatPlain, tickDigits } from "@/features/ui/format";
import { hasLimit, hasStop, type TicketFields } from "../lib/draft";

export const TIF_WORDS: Record<TimeInForce, string> = {
  day: "Day",
  gtc: "Until cancelled",
  gtd: "Until a date",
  ioc: "At once or cancel (IOC)",
  fok: "All at once or none (FOK)",
};

/** Which lifetimes an order type may have: a stop waits by nature. */
const tifsOf = (type: OrderType): TimeInForce[] =>
  hasStop(type)
    ? ["day", "gtc", "gtd"]
    : type === "limit"
      ? ["day", "gtc", "gtd", "ioc", "fok"]
      : ["day", "ioc", "fok"];

export interface Part {
  fields: TicketFields;
  change: (part: Partial<TicketFields>) => void;
  instrument: Instrument;
}

/** A new type keeps what it can use: a lifetime it does not know falls back to the day. */
export function withType(fields: TicketFields, type: OrderType): Partial<TicketFields> {
  return { type, tif: tifsOf(type).includes(fields.tif) ? fields.tif : "day" };
}

export function Prices({ fields, change, instrument }: Part): ReactNode {
  const step = `step ${formatNumber(instrument.tick, tickDigits(instrument.tick))}`;
  return (
    <>
      {hasStop(fields.type) ? (
        <Field label={`Stop, ${instrument.currency}`}>
          <input
            className={`${INPUT} text-right`}
            inputMode="decimal"
            value={fields.stop}
            placeholder={step}
            onChange={(event) => change({ stop: event.target.value })}
          />
        </Field>
      ) : null}
      <Field label={`Limit, ${instrument.currency}`}>
        <input
          className={`${INPUT} text-right disabled:opacity-60`}
          inputMode="decimal"
          disabled={!hasLimit(fields.type)}
          value={hasLimit(fields.type) ? fields.limit : ""}
          placeholder={hasLimit(fields.type) ? step : "market"}
          onChange={(event) => change({ limit: event.target.value })}
        />
      </Field>
    </>
  );
}

export function Terms({ fields, change, instrument }: Part): ReactNode {
  const waits = fields.tif !== "ioc" && fields.tif !== "fok";
  return (
    <div className="grid grid-cols-2 gap-2">
      <Field label="Lifetime">
        <select
          className={INPUT}
          value={fields.tif}
          onChange={(event) => change({ tif: event.target.value as TimeInForce })}
        >
          {tifsOf(fields.type).map((tif) => (
            <option key={tif} value={tif}>
              {TIF_WORDS[tif]}
            </option>
          ))}
        </select>
      </Field>
      {fields.tif === "gtd" ? (
        <Field label="Last day (market clock)">
          <input
            className={INPUT}
            type="date"
            value={fields.expires}
            onChange={(event) => change({ expires: event.target.value })}
          />
        </Field>
      ) : null}
      {hasLimit(fields.type) && waits ? (
        <Field label={`Show only (lot ${formatPlain(instrument.lot)})`}>
          <input
            className={`${INPUT} text-right`}
            inputMode="decimal"
            value={fields.display}
            placeholder="all"
            onChange={(event) => change({ display: event.target.value })}
          />
        </Field>
      ) : null}
      {fields.type === "limit" && waits ? (
        <label className="flex items-end gap-2 pb-1.5 text-compact text-fg2">
          <input
            type="checkbox"
            className="accent-accent"
            checked={fields.postOnly}
            onChange={(event) => change({ postOnly: event.target.checked })}
          />
          Post-only: never take
        </label>
      ) : null}
    </div>
  );
}
