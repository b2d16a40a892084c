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

function isRing(nodes: readonly AlertNode[], edges: readonly AlertEdge[]): boolean {
  const targets = new Set(edges.map((edge) => edge.target));
  const sources = new Set(edges.map((edge) => edge.source));
  return nodes.length > 2 && nodes.every((node) => targets.has(node.id) && sources.has(node.id));
}

export function placeNodes(nodes: readonly AlertNode[], edges: readonly AlertEdge[]): Placed[] {
  const depth = layers(nodes, edges);
  if (isRing(nodes, edges)) {
    const order = [...nodes].sort((a, b) => (depth.get(a.id) ?? 0) - (depth.get(b.id) ?? 0));
    return order.map((node, at) => {
      const angle = (2 * Math.PI * at) / order.length - Math.PI / 2;
      return {
        ...node,
        x: WIDTH / 2 + Math.cos(angle) * (WIDTH / 2 - MARGIN),
        y: HEIGHT / 2 + Math.sin(angle) * (HEIGHT / 2 - MARGIN),
      };
    });
  }
  const columns = new Map<number, AlertNode[]>();
  for (const node of nodes) {
    const at = depth.get(node.id) ?? 0;
    columns.set(at, [...(columns.get(at) ?? []), node]);
  }
  const last = Math.max(1, ...columns.keys());
  return [...columns].flatMap(([at, members]) =>
    members.map((node, row) => ({
      ...node,
      x: MARGIN + (at / last) * (WIDTH - 2 * MARGIN),
      y: (HEIGHT * (row + 0.5)) / members.length,
    })),
  );
}
