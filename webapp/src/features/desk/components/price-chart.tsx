"use client";
/** lightweight-charts in a box. Loaded on demand; live prices go in by series.update, never by a re-render. */
import {
  type CandlestickData,
  CandlestickSeries,
  createChart,
  type IChartApi,
  type LineData,
  LineSeries,
  type Time,
} from "lightweight-charts";
import { type ReactNode, useEffect, useRef } from "react";
import type { Bar, Quote } from "@/client/contract";
import { useLive } from "@/client/quotes";
import { hasCandles, withPrice } from "../lib/series";

/** Resolves a token to a concrete colour: the canvas cannot read light-dark(). */
function token(box: HTMLElement, name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  box.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

function options(box: HTMLElement) {
  const line = token(box, "line");
  return {
    autoSize: true,
    layout: {
      background: { color: token(box, "s1") },
      textColor: token(box, "fg2"),
      fontFamily: '"Inter Variable", system-ui, sans-serif',
      fontSize: 11,
    },
    grid: { vertLines: { color: line }, horzLines: { color: line } },
    rightPriceScale: { borderColor: line },
    timeScale: { borderColor: line },
    crosshair: { vertLine: { color: token(box, "edge") }, horzLine: { color: token(box, "edge") } },
  };
}

interface Drawn {
  paint: () => void;
  update: (bar: Bar) => void;
}

function candle(bar: Bar): CandlestickData<Time> {
  return {
    time: bar.time,
    open: bar.open ?? bar.close,
    high: bar.high ?? bar.close,
    low: bar.low ?? bar.close,
    close: bar.close,
  };
}
const point = (bar: Bar): LineData<Time> => ({ time: bar.time, value: bar.close });

function drawCandles(chart: IChartApi, box: HTMLElement, bars: Bar[], minMove: number): Drawn {
  const colours = () => {
    const up = token(box, "up");
    const down = token(box, "down");
    // Up candles are hollow, so that direction does not hang on colour.
    return {
      upColor: token(box, "s1"),
      borderUpColor: up,
      wickUpColor: up,
      downColor: down,
      borderDownColor: down,
      wickDownColor: down,
    };
  };
  const precision = Math.max(0, Math.round(-Math.log10(minMove)));
  const series = chart.addSeries(CandlestickSeries, {
    ...colours(),
    priceFormat: { type: "price", precision, minMove },
  });
  series.setData(bars.map(candle));
  return { paint: () => series.applyOptions(colours()), update: (bar) => series.update(candle(bar)) };
}

function drawLine(chart: IChartApi, box: HTMLElement, bars: Bar[], minMove: number): Drawn {
  const precision = Math.max(0, Math.round(-Math.log10(minMove)));
  const series = chart.addSeries(LineSeries, {
    color: token(box, "accent"),
    lineWidth: 2,
    priceFormat: { type: "price", precision, minMove },
  });
  series.setData(bars.map(point));
  return {
    paint: () => series.applyOptions({ color: token(box, "accent") }),
    update: (bar) => series.update(point(bar)),
  };
}

export function PriceChart({
  bars,
  instrument,
  digits,
}: {
  bars: Bar[];
  instrument: string;
  digits: number;
}): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const node = box.current;
    let last = bars.at(-1);
    if (!node || !last) return;
    const chart = createChart(node, options(node));
    const draw = hasCandles(bars) ? drawCandles : drawLine;
    const drawn = draw(chart, node, bars, 10 ** -digits);
    chart.timeScale().fitContent();

    const take = (quote: Quote | undefined) => {
      if (!last || !quote?.last || !quote.time) return;
      const next = withPrice(last, quote.last, quote.time);
      if (!next) return;
      last = next;
      drawn.update(next);
    };
    take(useLive.getState().quotes[instrument]);
    const live = useLive.subscribe((state, previous) => {
      const quote = state.quotes[instrument];
      if (quote !== previous.quotes[instrument]) take(quote);
    });
    const repaint = () => {
      chart.applyOptions(options(node));
      drawn.paint();
    };
    const scheme = window.matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", repaint);
    const themed = new MutationObserver(repaint);
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      live();
      scheme.removeEventListener("change", repaint);
      themed.disconnect();
      chart.remove();
    };
  }, [bars, instrument, digits]);
  return <div ref={box} className="absolute inset-0" />;
}
