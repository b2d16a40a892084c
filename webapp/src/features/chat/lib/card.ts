/** Reading the body of a card: it is JSON from an agent, so every field may be absent or of another kind. */

export type Body = Record<string, unknown>;

export const isBody = (value: unknown): value is Body =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const text = (value: unknown): string => (typeof value === "string" ? value : "");
export const number = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;
export const rows = (value: unknown): Body[] => (Array.isArray(value) ? value.filter(isBody) : []);
export const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];

/** All numbers, or none: a series with a hole would be drawn wrong. */
export function numbers(value: unknown): number[] {
  if (!Array.isArray(value)) return [];
  const found = value.map(number);
  return found.every((each) => each !== null) ? found : [];
}

/** Named series of one length; series of another length are left out. */
export function seriesOf(value: unknown, length: number): [string, number[]][] {
  if (!isBody(value)) return [];
  return Object.entries(value)
    .map(([name, each]): [string, number[]] => [name, numbers(each)])
    .filter(([, each]) => each.length === length);
}

export interface Scale {
  x: (index: number) => number;
  y: (value: number) => number;
}

/** From positions and values to a box of width by height. `low` and `high` are the ends of the y axis. */
export function scale(length: number, low: number, high: number, width: number, height: number): Scale {
  const span = high - low || 1;
  return {
    x: (index) => (length > 1 ? (index / (length - 1)) * width : width / 2),
    y: (value) => height - ((value - low) / span) * height,
  };
}

const point = (x: number, y: number) => `${x.toFixed(1)} ${y.toFixed(1)}`;

export function linePath(values: readonly number[], to: Scale): string {
  return values.map((value, at) => `${at === 0 ? "M" : "L"}${point(to.x(at), to.y(value))}`).join("");
}

/** The area between two series. */
export function bandPath(low: readonly number[], high: readonly number[], to: Scale): string {
  const back = low.map((value, at) => `L${point(to.x(at), to.y(value))}`).reverse();
  return `${linePath(high, to)}${back.join("")}Z`;
}

/** A round number at or above the value, to end an axis on: 1, 2 or 5 times a power of ten. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((step) => step * power >= value) ?? 10) * power;
}

/** 1234567 -> 1.2 M; for axes, where the exact value stands in the table beside. */
export function short(value: number): string {
  for (const [unit, size] of [
    ["bn", 1e9],
    ["M", 1e6],
    ["k", 1e3],
  ] as const) {
    if (Math.abs(value) >= size) return `${Number((value / size).toFixed(1))} ${unit}`;
  }
  return String(Number(value.toFixed(2)));
}
