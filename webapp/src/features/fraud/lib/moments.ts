/** The case as it stood at a moment: what had moved by then, and what came only later. */
import type { AlertEdge } from "@/client/contract-desk";

/** The moments at which money moved, oldest first, each once. */
export function momentsOf(edges: readonly AlertEdge[]): string[] {
  return [...new Set(edges.map((edge) => edge.time))].sort((a, b) => Date.parse(a) - Date.parse(b));
}

export interface Standing {
  /** Transfers after the moment. */
  later: Set<string>;
  done: number;
  moved: number;
}

export function standingAt(edges: readonly AlertEdge[], moment: string): Standing {
  const limit = Date.parse(moment);
  const later = edges.filter((edge) => Date.parse(edge.time) > limit);
  const ids = new Set(later.map((edge) => edge.id));
  const moved = edges.reduce((sum, edge) => (ids.has(edge.id) ? sum : sum + edge.amount), 0);
  return { later: ids, done: edges.length - later.length, moved };
}
