/** What a person typed over a proposal's orders, as changes; a sentence when there is none or a number is none. */
import type { Order } from "@/client/contract";
import type { OrderChange } from "@/client/queries";

export interface ChangeRow {
  id: string;
  name: string;
  quantity: string;
  limit: string | null;
}

const read = (text: string) => {
  const clean = text.replaceAll(",", "").trim();
  return /^\d+(\.\d+)?$/.test(clean) && Number(clean) > 0 ? Number(clean) : Number.NaN;
};

export function readChanges(rows: ChangeRow[], orders: Order[]): OrderChange[] | string {
  const found: OrderChange[] = [];
  for (const row of rows) {
    const order = orders.find((each) => each.client_id === row.id);
    const quantity = read(row.quantity);
    const limit = row.limit === null ? null : read(row.limit);
    if (Number.isNaN(quantity) || Number.isNaN(limit)) return "Every quantity and limit must be above 0.";
    const part: OrderChange = { client_id: row.id };
    if (quantity !== order?.quantity) part.quantity = quantity;
    if (limit !== null && limit !== order?.limit_price) part.limit_price = limit;
    if (Object.keys(part).length > 1) found.push(part);
  }
  return found.length > 0 ? found : "Nothing would change.";
}
