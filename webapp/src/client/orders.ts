import type { Order, OrderPage } from "./contract";

/** Every order of the pages once, newest first: an open one may stand at the end of the first page and in its own. */
export function ordersOf(pages: OrderPage[]): Order[] {
  const found = new Map(pages.flatMap((page) => page.orders).map((order) => [order.id, order]));
  return [...found.values()].sort((a, b) => (b.created_at ?? "").localeCompare(a.created_at ?? ""));
}
