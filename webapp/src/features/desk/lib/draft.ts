import type { OrderRequest, OrderType, Side, TimeInForce } from "@/client/contract";

export interface TicketFields {
  side: Side;
  quantity: string;
  type: OrderType;
  limit: string;
  stop: string;
  tif: TimeInForce;
  expires: string;
  display: string;
  postOnly: boolean;
  account: string;
}

export const EMPTY_TERMS = { stop: "", tif: "day", expires: "", display: "", postOnly: false } as const;

export const hasLimit = (type: OrderType): boolean => type === "limit" || type === "stop_limit";
export const hasStop = (type: OrderType): boolean => type === "stop" || type === "stop_limit";

/** A typed number above zero; NaN otherwise. */
export function readNumber(text: string): number {
  const number = Number(text.replaceAll(",", ""));
  return text.trim() !== "" && number > 0 ? number : Number.NaN;
}

/** The order the fields describe, or the sentence that says which field is wrong. */
export function readTicket(fields: TicketFields, instrument: string): OrderRequest | string {
  const quantity = readNumber(fields.quantity);
  if (Number.isNaN(quantity)) return "Quantity must be a number above zero.";
  const order: OrderRequest = {
    account: fields.account,
    instrument,
    side: fields.side,
    quantity,
    type: fields.type,
    time_in_force: fields.tif,
  };
  if (hasStop(fields.type)) {
    order.stop_price = readNumber(fields.stop);
    if (Number.isNaN(order.stop_price)) return "A stop order needs a stop price above zero.";
  }
  if (hasLimit(fields.type)) {
    order.limit_price = readNumber(fields.limit);
    if (Number.isNaN(order.limit_price)) return "A limit order needs a limit price above zero.";
  }
  return withTerms(order, fields);
}

function withTerms(order: OrderRequest, fields: TicketFields): OrderRequest | string {
  if (fields.tif === "gtd") {
    if (!fields.expires) return "Good till date needs the last day it may wait.";
    order.expires = fields.expires;
  }
  if (fields.display.trim() !== "" && hasLimit(fields.type)) {
    order.display = readNumber(fields.display);
    if (Number.isNaN(order.display)) return "Shown quantity must be a number above zero, or empty.";
  }
  if (fields.postOnly && fields.type === "limit") order.post_only = true;
  return order;
}
