import { describe, expect, it } from "vitest";
import type { Order } from "./contract";
import { ordersOf } from "./orders";

const order = (id: string, minute: number) =>
  ({ id, created_at: `2024-01-02T10:${String(minute).padStart(2, "0")}:00Z` }) as Order;

describe("pages of orders", () => {
  it("holds an order that stands in two pages once, in its place", () => {
    const first = { orders: [order("d", 4), order("c", 3), order("a", 1)], older: "c" };
    const second = { orders: [order("b", 2), order("a", 1)], older: "" };
    expect(ordersOf([first, second]).map((each) => each.id)).toEqual(["d", "c", "b", "a"]);
  });

  it("is empty without orders", () => {
    expect(ordersOf([{ orders: [], older: "" }])).toEqual([]);
  });
});
