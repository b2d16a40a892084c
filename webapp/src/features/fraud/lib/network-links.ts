import type { Network } from "@/client/contract-desk";

export interface NodeLink {
  way: "in" | "out";
  other: string;
  payments: number;
  amount: number;
  first: string;
  last: string;
}

/** The links of one node of the network, largest sum first; `other` is the account at the far end. */
export function linksOf(network: Pick<Network, "nodes" | "links">, node: number): NodeLink[] {
  return network.links
    .filter((link) => link.source === node || link.target === node)
    .map(({ source, target, ...link }): NodeLink => {
      const out = source === node;
      return { ...link, way: out ? "out" : "in", other: network.nodes[out ? target : source]?.id ?? "" };
    })
    .sort((a, b) => b.amount - a.amount);
}
