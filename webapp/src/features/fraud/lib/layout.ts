/** Places a small case graph (up to about 60 nodes): layers by distance along the transfers, spread evenly. */
import type { AlertEdge, AlertNode } from "@/client/contract-desk";

export interface Placed extends AlertNode {
  x: number;
  y: number;
}

export const WIDTH = 720;
export const HEIGHT = 400;
const MARGIN = 60;

function layers(nodes: readonly AlertNode[], edges: readonly AlertEdge[]): Map<string, number> {
  const out = new Map<string, string[]>();
  const entered = new Set<string>();
  for (const edge of edges) {
    out.set(edge.source, [...(out.get(edge.source) ?? []), edge.target]);
    entered.add(edge.target);
  }
  const depth = new Map<string, number>();
  const roots = nodes.filter((node) => !entered.has(node.id)).map((node) => node.id);
  // A closed ring has no root: start it at its first node.
  for (const start of [...roots, ...nodes.map((node) => node.id)]) {
    if (depth.has(start)) continue;
    depth.set(start, 0);
    const queue = [start];
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
      for (const next of out.get(id) ?? []) {
        if (depth.has(next)) continue;
        depth.set(next, (depth.get(id) ?? 0) + 1);
        queue.push(next);
      }
    }
  }
  return depth;
}

/** The parties of a closed path: each of them both sends and receives on it. Empty when the path is open. */
function ringOf(edges: readonly AlertEdge[], path: readonly string[]): Set<string> {
  const onPath = edges.filter((edge) => path.includes(edge.id));
  const sources = new Set(onPath.map((edge) => edge.source));
  const targets = new Set(onPath.map((edge) => edge.target));
  const closed =
    sources.size > 2 && [...sources].every((id) => targets.has(id)) && sources.size === targets.size;
  return closed ? sources : new Set();
}

function column<T extends AlertNode>(members: readonly T[], x: number): Placed[] {
  return members.map((node, row) => ({ ...node, x, y: 4 + ((HEIGHT - 24) * (row + 0.5)) / members.length }));
}

export function placeNodes(
  nodes: readonly AlertNode[],
  edges: readonly AlertEdge[],
  path: readonly string[] = [],
): Placed[] {
  const depth = layers(nodes, edges);
  const at = (node: AlertNode) => depth.get(node.id) ?? 0;
  const ring = ringOf(edges, path);
  if (ring.size > 0) {
    const members = nodes.filter((node) => ring.has(node.id)).sort((a, b) => at(a) - at(b));
    const others = nodes.filter((node) => !ring.has(node.id));
    const centre = others.length > 0 ? WIDTH * 0.36 : WIDTH / 2;
    const circle = members.map((node, index) => {
      const angle = (2 * Math.PI * index) / members.length - Math.PI / 2;
      const radius = HEIGHT / 2 - MARGIN;
      return {
        ...node,
        x: centre + Math.cos(angle) * radius * 1.3,
        y: HEIGHT / 2 + Math.sin(angle) * radius,
      };
    });
    return [...circle, ...column(others, WIDTH - MARGIN)];
  }
  const columns = new Map<number, AlertNode[]>();
  for (const node of nodes) columns.set(at(node), [...(columns.get(at(node)) ?? []), node]);
  const last = Math.max(1, ...columns.keys());
  return [...columns].flatMap(([level, members]) =>
    column(members, MARGIN + (level / last) * (WIDTH - 2 * MARGIN)),
  );
}
