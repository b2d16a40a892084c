/** A small static chart for cards: axes in words around an SVG that scales without distorting its strokes. */
import type { ReactNode } from "react";

export const CHART = { width: 600, height: 180 } as const;

export function Chart({
  label,
  top,
  bottom,
  left,
  right,
  children,
}: {
  label: string;
  top: string;
  bottom: string;
  left: string;
  right: string;
  children: ReactNode;
}): ReactNode {
  return (
    <div className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-2 text-head text-fg3">
      <div className="flex flex-col justify-between text-right" aria-hidden="true">
        <span>{top}</span>
        <span>{bottom}</span>
      </div>
      <svg
        role="img"
        aria-label={label}
        viewBox={`0 0 ${CHART.width} ${CHART.height}`}
        preserveAspectRatio="none"
        className="h-44 w-full border-b border-l border-edge"
      >
        {children}
      </svg>
      <span />
      <div className="flex justify-between" aria-hidden="true">
        <span>{left}</span>
        <span>{right}</span>
      </div>
    </div>
  );
}

export function Stroke({ d, look, dash }: { d: string; look: string; dash?: string }): ReactNode {
  return (
    <path
      d={d}
      className={`fill-transparent ${look}`}
      strokeWidth={2}
      strokeDasharray={dash}
      vectorEffect="non-scaling-stroke"
    />
  );
}
