import type { ScheduleKind, ScheduleRequest, Side, Urgency } from "@/client/contract";
import { readNumber } from "@/features/desk/lib/draft";

export interface ScheduleFields {
  account: string;
  instrument: string;
  side: Side;
  quantity: string;
  kind: ScheduleKind;
  minutes: string;
  slices: string;
  limit: string;
  urgency: Urgency;
  participation: string;
  shown: string;
}

export const KIND_WORDS: Record<ScheduleKind, string> = {
  twap: "TWAP: equal shares of time",
  vwap: "VWAP: the day's volume curve (a model)",
  pov: "Percentage of printed volume",
  shortfall: "Implementation shortfall",
};

export const SHORT_KIND: Record<ScheduleKind, string> = {
  twap: "TWAP",
  vwap: "VWAP",
  pov: "POV",
  shortfall: "IS",
};

export const EMPTY_FIELDS = {
  side: "buy",
  quantity: "",
  kind: "twap",
  minutes: "30",
  slices: "",
  limit: "",
  urgency: "medium",
  participation: "10",
  shown: "25",
} as const;

/** The schedule that the fields describe, or the sentence that says which field is wrong. */
export function readSchedule(fields: ScheduleFields): ScheduleRequest | string {
  const quantity = readNumber(fields.quantity);
  const minutes = readNumber(fields.minutes);
  const shown = readNumber(fields.shown);
  if (Number.isNaN(quantity)) return "Quantity must be a number above zero.";
  if (Number.isNaN(minutes)) return "Minutes must be a number above zero.";
  if (Number.isNaN(shown) || shown > 100)
    return "The share of shown volume is above 0 and at most 100 per cent.";
  const { account, instrument, side, kind } = fields;
  const form: ScheduleRequest = { account, instrument, side, kind, quantity, minutes, max_shown_pct: shown };
  if (fields.slices.trim() !== "") {
    form.slices = readNumber(fields.slices);
    if (!Number.isInteger(form.slices)) return "Slices must be a whole number above zero, or empty.";
  }
  if (fields.limit.trim() !== "") {
    form.limit_price = readNumber(fields.limit);
    if (Number.isNaN(form.limit_price)) return "The limit must be a price above zero, or empty.";
  }
  return ofKind(form, fields);
}

function ofKind(form: ScheduleRequest, fields: ScheduleFields): ScheduleRequest | string {
  if (fields.kind === "shortfall") form.urgency = fields.urgency;
  if (fields.kind === "pov") {
    form.participation_pct = readNumber(fields.participation);
    if (!(form.participation_pct <= 50)) return "Participation is above 0 and at most 50 per cent.";
  }
  return form;
}
