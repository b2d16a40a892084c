"use client";
import { type ReactNode, useMemo } from "react";
import type { AlertDetail, AlertEdge } from "@/client/contract-desk";
import { formatNumber } from "@/features/ui/format";
import { HEIGHT, type Placed, placeNodes, WIDTH } from "../lib/layout";

const R = 13;
const FAINT = 0.18;
const NOTHING: readonly string[] = [];
const NONE_DIM: ReadonlySet<string> = new Set();
/** Above this many transfers only those of the path carry their amount. */
const LABELLED = 12;

interface Curve {
  d: string;
  /** A point of the curve, 0 at the giver and 1 at the taker. */
  at: (share: number) => { x: number; y: number };
}

function curve(from: Placed, to: Placed): Curve {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const length = Math.hypot(dx, dy) || 1;
  const bend = Math.min(90, length / 6);
  const mx = (from.x + to.x) / 2 - (dy / length) * bend;
  const my = (from.y + to.y) / 2 + (dx / length) * bend;
  const ex = to.x - ((to.x - mx) / (Math.hypot(to.x - mx, to.y - my) || 1)) * (R + 5);
  const ey = to.y - ((to.y - my) / (Math.hypot(to.x - mx, to.y - my) || 1)) * (R + 5);
  const mix = (a: number, b: number, c: number, t: number) =>
    (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t ** 2 * c;
  return {
    d: `M${from.x} ${from.y}Q${mx} ${my} ${ex} ${ey}`,
    at: (share) => ({ x: mix(from.x, mx, ex, share), y: mix(from.y, my, ey, share) }),
  };
}

/** Where along its curve each transfer's amount stands: those of one pair share one curve and take turns on it. */
function labelShares(edges: readonly AlertEdge[]): Map<string, number> {
  const pair = (edge: AlertEdge) => `${edge.source}\n${edge.target}`;
  const count = new Map<string, number>();
  const nth = edges.map((edge) => {
    const before = count.get(pair(edge)) ?? 0;
    count.set(pair(edge), before + 1);
    return before + 1;
  });
  return new Map(edges.map((edge, at) => [edge.id, (nth[at] ?? 1) / ((count.get(pair(edge)) ?? 1) + 1)]));
}

function Shape({ node }: { node: Placed }): ReactNode {
  const look = node.flagged ? "fill-s1 stroke-down" : "fill-s1 stroke-edge";
  const width = node.flagged ? 3 : 1.5;
  return node.kind === "account" ? (
    <circle cx={node.x} cy={node.y} r={R} className={look} strokeWidth={width} />
  ) : (
    <rect
      x={node.x - R}
      y={node.y - R}
      width={2 * R}
      height={2 * R}
      rx={2}
      className={look}
      strokeWidth={width}
    />
  );
}

/** The evidence as a picture; the table beside it says the same to those who cannot see it. */
export function CaseGraph({
  alert,
  picked = NOTHING,
  dim = NONE_DIM,
  amounts = false,
  onPick,
}: {
  alert: Pick<AlertDetail, "nodes" | "edges" | "path">;
  picked?: readonly string[];
  /** Transfers drawn faintly, and the parties that only they touch. */
  dim?: ReadonlySet<string>;
  amounts?: boolean;
  onPick?: (edge: string) => void;
}): ReactNode {
  const placed = useMemo(() => placeNodes(alert.nodes, alert.edges, alert.path), [alert]);
  const at = new Map(placed.map((node) => [node.id, node]));
  const path = new Set(alert.path);
  const tone = (edge: AlertEdge) =>
    picked.includes(edge.id) ? "stroke-accent" : path.has(edge.id) ? "stroke-warn" : "stroke-edge";
  const shares = useMemo(() => labelShares(alert.edges), [alert.edges]);
  const lit = new Set(
    alert.edges.filter((edge) => !dim.has(edge.id)).flatMap((edge) => [edge.source, edge.target]),
  );
  const named = (edge: AlertEdge) =>
    amounts &&
    !dim.has(edge.id) &&
    (alert.edges.length <= LABELLED || path.has(edge.id) || picked.includes(edge.id));
  const drawn = alert.edges.flatMap((edge) => {
    const from = at.get(edge.source);
    const to = at.get(edge.target);
    return from && to ? [{ edge, curve: curve(from, to) }] : [];
  });
  const crowded = placed.length > 24;
  return (
    <figure className="flex flex-col gap-1">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${alert.nodes.length} parties, ${alert.edges.length} transfers; the table lists each of them.`}
        className="max-h-[400px] w-full rounded-ctl border border-line bg-s2"
      >
        <defs>
          <marker
            id="head"
            viewBox="0 0 8 8"
            refX="6"
            refY="4"
            markerWidth="6"
            markerHeight="6"
            orient="auto"
          >
            <path d="M0 0L8 4L0 8z" className="fill-fg3" />
          </marker>
        </defs>
        {drawn.map(({ edge, curve: { d } }) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: a pointer short cut to the table's row
          <path
            key={edge.id}
            d={d}
            className={`${onPick ? "cursor-pointer" : ""} fill-transparent ${tone(edge)}`}
            strokeWidth={picked.includes(edge.id) ? 4 : path.has(edge.id) ? 2.5 : 1.2}
            opacity={dim.has(edge.id) ? FAINT : 1}
            markerEnd="url(#head)"
            onClick={() => onPick?.(edge.id)}
          />
        ))}
        {placed.map((node) => (
          <g key={node.id} opacity={dim.size === 0 || lit.has(node.id) ? 1 : FAINT}>
            <Shape node={node} />
            {node.flagged ? (
              <text
                x={node.x}
                y={node.y + 4}
                textAnchor="middle"
                className="fill-down text-head font-semibold"
              >
                !
              </text>
            ) : null}
            {crowded && !node.flagged ? null : (
              <text
                x={node.x}
                y={node.y + R + 13}
                textAnchor="middle"
                strokeWidth={4}
                paintOrder="stroke"
                className="fill-fg2 stroke-s2 text-head"
              >
                {node.label}
              </text>
            )}
          </g>
        ))}
        {drawn.map(({ edge, curve: { at: point } }) => {
          const spot = point(shares.get(edge.id) ?? 0.5);
          return named(edge) ? (
            <text
              key={edge.id}
              x={spot.x}
              y={spot.y + 4}
              textAnchor="middle"
              strokeWidth={4}
              paintOrder="stroke"
              className={`pointer-events-none stroke-s2 text-head ${path.has(edge.id) ? "fill-warn" : "fill-fg2"}`}
            >
              {formatNumber(edge.amount, 0)}
            </text>
          ) : null;
        })}
      </svg>
      <figcaption className="text-head text-fg3">
        Circle: account. Square: other party. “!” and thick rim: flagged. Thick line: the path of the rule.
        Arrow: the way the money went.{dim.size > 0 ? " Faint: later than the slider, or off the path." : ""}
      </figcaption>
    </figure>
  );
}
