"use client";
import { type PointerEvent, type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Network } from "@/client/contract-desk";
import { type Rgb, type Scene, sceneOf, type View } from "../lib/network-gl";
import { layoutNetwork } from "../lib/network-layout";
import { gridOf, nearest } from "../lib/point-grid";

const FIT: View = { x: 0, y: 0, zoom: 1 };
const LEGEND: [string, string][] = [
  ["text-down", "in the case (largest)"],
  ["text-warn", "1 hop"],
  ["text-accent", "2 hops"],
  ["text-fg2", "further (smallest)"],
  ["text-edge", "payments"],
];
const REACH = 40;
const CLICK = 4;

interface Label {
  at: number;
  left: number;
  top: number;
}

const rgbOf = (element: Element): Rgb => {
  const [r = 0, g = 0, b = 0] = (getComputedStyle(element).color.match(/[\d.]+/g) ?? []).map(Number);
  return [r / 255, g / 255, b / 255];
};

/** The network on a canvas: drag or arrows move, wheel or + and − zoom, 0 fits, a click picks. */
export function NetworkCanvas({
  network,
  picked,
  onPick,
  onMissing,
}: {
  network: Network;
  picked: number | null;
  onPick: (node: number | null) => void;
  onMissing: () => void;
}): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const legend = useRef<HTMLUListElement>(null);
  const scene = useRef<Scene | null>(null);
  const view = useRef<View>(FIT);
  const pointer = useRef<{ x: number; y: number } | null>(null);
  const drag = useRef<{ x: number; y: number; far: number } | null>(null);
  const frame = useRef(0);
  const chosen = useRef(picked);
  const [labels, setLabels] = useState<Label[]>([]);
  const spots = useMemo(() => layoutNetwork(network), [network]);
  const grid = useMemo(() => gridOf(spots), [spots]);

  const measure = useCallback(() => {
    const { clientWidth: width = 1, clientHeight: height = 1 } = canvas.current ?? {};
    return { width, height, unit: (Math.min(width, height) * view.current.zoom * 0.95) / 2 };
  }, []);
  const place = useCallback(
    (left: number, top: number): [number, number] => {
      const { width, height, unit } = measure();
      return [view.current.x + (left - width / 2) / unit, view.current.y - (top - height / 2) / unit];
    },
    [measure],
  );
  const near = useCallback(
    (reach: number, most: number) => {
      if (!pointer.current) return [];
      const [x, y] = place(pointer.current.x, pointer.current.y);
      return nearest(grid, x, y, reach / measure().unit, most);
    },
    [grid, measure, place],
  );
  const redraw = useCallback(() => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => {
      scene.current?.draw(view.current, [...(legend.current?.children ?? [])].map(rgbOf));
      const { width, height, unit } = measure();
      const shown = new Set([...(chosen.current === null ? [] : [chosen.current]), ...near(REACH, 4)]);
      setLabels(
        [...shown].map((at) => ({
          at,
          left: width / 2 + ((spots[2 * at] ?? 0) - view.current.x) * unit,
          top: height / 2 - ((spots[2 * at + 1] ?? 0) - view.current.y) * unit,
        })),
      );
    });
  }, [measure, near, spots]);
  const move = useCallback(
    (next: Partial<View>) => {
      view.current = { ...view.current, ...next };
      redraw();
    },
    [redraw],
  );
  const zoom = useCallback(
    (by: number, left: number, top: number) => {
      const [x, y] = place(left, top);
      const to = Math.min(60, Math.max(0.5, view.current.zoom * by));
      const share = view.current.zoom / to;
      move({ zoom: to, x: x + (view.current.x - x) * share, y: y + (view.current.y - y) * share });
    },
    [move, place],
  );

  useEffect(() => {
    chosen.current = picked;
    redraw();
  }, [picked, redraw]);

  useEffect(() => {
    const box = canvas.current;
    if (!box) return;
    const made = sceneOf(box, network, spots);
    if (!made) return onMissing();
    scene.current = made;
    const size = new ResizeObserver(() => {
      box.width = Math.round(box.clientWidth * devicePixelRatio);
      box.height = Math.round(box.clientHeight * devicePixelRatio);
      redraw();
    });
    size.observe(box);
    const theme = new MutationObserver(redraw);
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    // React's wheel listener is passive and could not keep the page from scrolling.
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY);
    };
    box.addEventListener("wheel", wheel, { passive: false });
    box.addEventListener("webglcontextlost", onMissing);
    return () => {
      size.disconnect();
      theme.disconnect();
      box.removeEventListener("wheel", wheel);
      box.removeEventListener("webglcontextlost", onMissing);
      cancelAnimationFrame(frame.current);
      made.free();
      scene.current = null;
    };
  }, [network, spots, redraw, zoom, onMissing]);

  const onMove = (event: PointerEvent) => {
    const { offsetX: x, offsetY: y } = event.nativeEvent;
    if (drag.current) {
      const { unit } = measure();
      const [dx, dy] = [x - drag.current.x, y - drag.current.y];
      drag.current = { x, y, far: drag.current.far + Math.hypot(dx, dy) };
      move({ x: view.current.x - dx / unit, y: view.current.y + dy / unit });
    }
    pointer.current = { x, y };
    redraw();
  };
  const onDown = (event: PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.nativeEvent.offsetX, y: event.nativeEvent.offsetY, far: 0 };
  };
  const onUp = () => {
    if (drag.current && drag.current.far < CLICK) onPick(near(REACH / 3, 1)[0] ?? null);
    drag.current = null;
  };
  const keys: Record<string, () => void> = {
    ArrowLeft: () => move({ x: view.current.x - 0.1 / view.current.zoom }),
    ArrowRight: () => move({ x: view.current.x + 0.1 / view.current.zoom }),
    ArrowUp: () => move({ y: view.current.y + 0.1 / view.current.zoom }),
    ArrowDown: () => move({ y: view.current.y - 0.1 / view.current.zoom }),
    "+": () => zoom(1.25, measure().width / 2, measure().height / 2),
    "-": () => zoom(0.8, measure().width / 2, measure().height / 2),
    "0": () => move(FIT),
  };
  const named = {
    role: "application",
    tabIndex: 0,
    "aria-label": `Network of ${network.nodes.length} accounts; the table lists them. Arrows move, plus and minus zoom, 0 fits.`,
  };
  return (
    <figure className="flex flex-col gap-1">
      <div className="relative overflow-hidden rounded-ctl border border-line bg-s2">
        <canvas
          ref={canvas}
          {...named}
          className="block h-[480px] w-full touch-none -outline-offset-2"
          onPointerMove={onMove}
          onPointerDown={onDown}
          onPointerUp={onUp}
          onPointerCancel={() => {
            drag.current = null;
          }}
          onPointerLeave={() => {
            pointer.current = null;
            redraw();
          }}
          onKeyDown={(event) => {
            const act = keys[event.key];
            if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
            event.preventDefault();
            act();
          }}
        />
        {labels.map(({ at, left, top }) => (
          <span
            key={at}
            aria-hidden="true"
            style={{ left: left + 8, top: top - 8 }}
            className={`pointer-events-none absolute rounded-cell px-1 text-head ${at === picked ? "bg-fg text-bg" : "bg-s1 text-fg"}`}
          >
            {network.nodes[at]?.id}
          </span>
        ))}
      </div>
      <figcaption>
        <ul ref={legend} className="flex flex-wrap gap-x-3 text-head">
          {LEGEND.map(([tone, words], at) => (
            <li key={words} className={tone}>
              {at === LEGEND.length - 1 ? "— " : "● "}
              <span className="text-fg3">{words}</span>
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}
