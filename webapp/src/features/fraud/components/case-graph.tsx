"use client";
import { type ReactNode, useMemo } from "react";
import type { AlertDetail, AlertEdge } from "@/client/contract-desk";
import { HEIGHT, type Placed, placeNodes, WIDTH } from "../lib/layout";

const R = 13;
const NOTHING: readonly string[] = [];

function line(from: Placed, to: Placed): string {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const length = Math.hypot(dx, dy) || 1;
  const bend = Math.min(90, length / 6);
  const mx = (from.x + to.x) / 2 - (dy / length) * bend;
  const my = (from.y + to.y) / 2 + (dx / length) * bend;
  const ex = to.x - ((to.x - mx) / (Math.hypot(to.x - mx, to.y - my) || 1)) * (R + 5);
  const ey = to.y - ((to.y - my) / (Math.hypot(to.x - mx, to.y - my) || 1)) * (R + 5);
  return `M${from.x} ${from.y}Q${mx} ${my} ${ex} ${ey}`;
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
  onPick,
}: {
  alert: Pick<AlertDetail, "nodes" | "edges" | "path">;
  picked?: readonly string[];
  onPick?: (edge: string) => void;
}): ReactNode {
  const placed = useMemo(() => placeNodes(alert.nodes, alert.edges, alert.path), [alert]);
  const at = new Map(placed.map((node) => [node.id, node]));
  const path = new Set(alert.path);
  const tone = (edge: AlertEdge) =>
    picked.includes(edge.id) ? "stroke-accent" : path.has(edge.id) ? "stroke-warn" : "stroke-edge";
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
        {alert.edges.map((edge) => {
          const from = at.get(edge.source);
          const to = at.get(edge.target);
          return from && to ? (
            // biome-ignore lint/a11y/noStaticElementInteractions: a pointer short cut to the table's row
            <path
              key={edge.id}
              d={line(from, to)}
              className={`${onPick ? "cursor-pointer" : ""} fill-transparent ${tone(edge)}`}
              strokeWidth={picked.includes(edge.id) ? 4 : path.has(edge.id) ? 2.5 : 1.2}
              markerEnd="url(#head)"
              onClick={() => onPick?.(edge.id)}
            />
          ) : null;
        })}
        {placed.map((node) => (
          <g key={node.id}>
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
      </svg>
      <figcaption className="text-head text-fg3">
        Circle: account. Square: other party. “!” and thick rim: flagged. Thick line: the path of the rule.
        Arrow: the way the money went.
      </figcaption>
    </figure>
  );
}
