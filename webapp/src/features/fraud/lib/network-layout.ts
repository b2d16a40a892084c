/** Places a network of up to 5,000 accounts on the unit disk: one band for each number of hops, families side by side. */
import type { Network } from "@/client/contract-desk";

type Shape = Pick<Network, "nodes" | "links">;

/** The parent of each node: a neighbour one hop nearer, the first link wins; -1 when no link kept says so. */
function parentsOf({ nodes, links }: Shape): Int32Array {
  const parent = new Int32Array(nodes.length).fill(-1);
  const hops = (at: number) => nodes[at]?.hops ?? 0;
  const claim = (child: number, by: number) => {
    if (parent[child] === -1 && hops(by) === hops(child) - 1) parent[child] = by;
  };
  for (const { source, target } of links) {
    claim(source, target);
    claim(target, source);
  }
  return parent;
}

/** Nodes from the outermost band inwards. */
function outsideIn(nodes: Shape["nodes"]): number[] {
  return nodes.map((_, at) => at).sort((a, b) => (nodes[b]?.hops ?? 0) - (nodes[a]?.hops ?? 0));
}

/**
 * x and y of every node, in pairs, within [-1, 1]. A node's wedge is as wide as the nodes that hang on it are many, and
 * a band is as wide as its share of all nodes, so that the density is even. The same network is always placed alike.
 */
export function layoutNetwork(shape: Shape): Float32Array {
  const { nodes } = shape;
  const parent = parentsOf(shape);
  const inwards = outsideIn(nodes);
  const weight = new Float64Array(nodes.length).fill(1);
  let roots = 0;
  for (const at of inwards) {
    const by = parent[at] ?? -1;
    if (by === -1) roots += weight[at] ?? 0;
    else weight[by] = (weight[by] ?? 0) + (weight[at] ?? 0);
  }
  const inBand = new Map<number, number>();
  for (const { hops } of nodes) inBand.set(hops, (inBand.get(hops) ?? 0) + 1);
  const bands = new Map<number, [number, number]>();
  let inside = 0;
  for (const [hops, count] of [...inBand].sort(([a], [b]) => a - b)) {
    const inner = Math.sqrt(inside / nodes.length);
    inside += count;
    bands.set(hops, [inner, Math.sqrt(inside / nodes.length)]);
  }
  const spots = new Float32Array(2 * nodes.length);
  const free = new Float64Array(nodes.length);
  const placed = new Map<number, number>();
  let next = 0;
  for (const at of inwards.reverse()) {
    const hops = nodes[at]?.hops ?? 0;
    const by = parent[at] ?? -1;
    const begin = by === -1 ? next : (free[by] ?? 0);
    const end = begin + (weight[at] ?? 1);
    if (by === -1) next = end;
    else free[by] = end;
    // A node's own share of its wedge stays empty: its children begin half a share in.
    free[at] = begin + 0.5;
    const nth = placed.get(hops) ?? 0;
    placed.set(hops, nth + 1);
    const [inner, outer] = bands.get(hops) ?? [0, 1];
    // Golden-section steps across the band keep neighbours of one wedge apart.
    const depth = inBand.get(hops) === 1 ? (inner === 0 ? 0 : 0.5) : 0.1 + 0.8 * ((nth * 0.6180339887) % 1);
    const radius = inner + (outer - inner) * depth;
    const angle = (2 * Math.PI * (begin + end)) / (2 * (roots || 1));
    spots[2 * at] = radius * Math.cos(angle);
    spots[2 * at + 1] = radius * Math.sin(angle);
  }
  return spots;
}
