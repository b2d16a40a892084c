/** A made-up network for tests and the bench: a tree of accounts with as many further links as asked, always the same. */
import type { Network } from "@/client/contract-desk";

export function syntheticNetwork(accounts: number, links: number): Network {
  let seed = 7;
  const below = (limit: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % limit;
  };
  const link = (source: number, target: number) => ({
    source,
    target,
    payments: 1 + below(9),
    amount: 10 + below(100_000),
    first: "2024-11-01T00:00:00Z",
    last: "2024-11-30T00:00:00Z",
  });
  const nodes = [{ id: "A0", hops: 0 }];
  const made: Network["links"] = [];
  for (let at = 1; at < accounts; at++) {
    // Parents come from the older accounts, which keeps the tree shallow: a few busy ones, many at the rim.
    const parent = below(Math.ceil(at ** 0.66));
    nodes.push({ id: `A${at}`, hops: (nodes[parent]?.hops ?? 0) + 1 });
    made.push(link(parent, at));
  }
  nodes.sort((a, b) => a.hops - b.hops);
  const place = new Map(nodes.map((node, at) => [Number(node.id.slice(1)), at]));
  const moved = made.map((each) => ({
    ...each,
    source: place.get(each.source) ?? 0,
    target: place.get(each.target) ?? 0,
  }));
  while (moved.length < links) moved.push(link(below(accounts), below(accounts)));
  return { currency: "USD", nodes, links: moved, nodes_left_out: 0, links_left_out: 0 };
}
