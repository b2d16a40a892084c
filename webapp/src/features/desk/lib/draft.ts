import type { OrderRequest, OrderType, Side } from "@/client/contract";

export interface TicketFields {
  side: Side;
  quantity: string;
  type: OrderType;
  limit: string;
  account: string;
}

/** The order the fields describe, or the sentence that says which field is wrong. */
export function readTicket(fields: TicketFields, instrument: string): OrderRequest | string {
  const quantity = Number(fields.quantity.replaceAll(",", ""));
  if (!(quantity > 0)) return "Quantity must be a number above zero.";
  const order: OrderRequest = {
    account: fields.account,
    instrument,
    side: fields.side,
    quantity,
    type: fields.type,
  };
  if (fields.type === "market") return order;
  const limit = Number(fields.limit.replaceAll(",", ""));
  return limit > 0 ? { ...order, limit_price: limit } : "A limit order needs a limit price above zero.";
}
