/** How Tenor writes numbers and times. Unknown is an em dash, minus is U+2212, changes carry a sign. */

export const NONE = "—";
const MINUS = "\u2212";

function fixed(value: number, digits: number): string {
  return Math.abs(value).toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

function isZero(value: number, digits: number): boolean {
  return Number(value.toFixed(digits)) === 0;
}

/** Decimal places that a price step needs: 0.01 -> 2, 0.00001 -> 5, 1 -> 0. */
export function tickDigits(tick: number): number {
  if (!(tick > 0)) return 2;
  for (let digits = 0; digits <= 10; digits++) {
    const scaled = tick * 10 ** digits;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-9) return digits;
  }
  return 10;
}

export function formatNumber(value: number | null | undefined, digits = 2): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  const sign = value < 0 && !isZero(value, digits) ? MINUS : "";
  return sign + fixed(value, digits);
}

/** A change: + or − in front, zero without a sign. */
export function formatChange(value: number | null | undefined, digits = 2): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  if (isZero(value, digits)) return fixed(0, digits);
  return (value > 0 ? "+" : MINUS) + fixed(value, digits);
}

export function formatPercent(value: number | null | undefined): string {
  return value === null || value === undefined ? NONE : `${formatChange(value, 2)} %`;
}

export function formatMoney(value: number | null | undefined, currency: string): string {
  return value === null || value === undefined ? NONE : `${formatNumber(value, 2)} ${currency}`;
}

/** A quantity or an unknown scalar: as many decimals as it has, up to six. */
export function formatPlain(value: number | string | null | undefined): string {
  if (value === null || value === undefined || value === "") return NONE;
  if (typeof value === "string" && !/^-?\d+(\.\d+)?$/.test(value)) return value;
  const number = Number(value);
  const text = Math.abs(number).toLocaleString("en-US", { maximumFractionDigits: 6 });
  return number < 0 ? MINUS + text : text;
}

/** An ISO code: its amounts have two decimals, so that a column of them aligns. */
export const isCurrency = (unit: string | null): boolean => /^[A-Z]{3}$/.test(unit ?? "");

export function amount(value: number | string | null | undefined, unit: string | null): string {
  const number = Number(value ?? Number.NaN);
  return isCurrency(unit) && Number.isFinite(number) && value !== ""
    ? formatNumber(number, 2)
    : formatPlain(value);
}

export function toneOf(value: number | null | undefined): string {
  if (!value) return "text-fg2";
  return value > 0 ? "text-up" : "text-down";
}

const two = (part: number) => String(part).padStart(2, "0");

/** Remaining time as m:ss, or h:mm:ss above an hour; never below 0:00. */
export function formatLeft(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(total % 60)}`
    : `${Math.floor(total / 60)}:${two(total % 60)}`;
}

function parse(iso: string | null | undefined): Date | null {
  if (!iso) return null;
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? null : date;
}

export function formatDate(iso: string | null | undefined): string {
  return parse(iso)?.toISOString().slice(0, 10) ?? (iso || NONE);
}

/** ISO date and time to the second, zone printed. */
export function formatTime(iso: string | null | undefined): string {
  const date = parse(iso);
  return date ? `${date.toISOString().slice(0, 19).replace("T", " ")} UTC` : NONE;
}

export function formatClock(iso: string | null | undefined): string {
  const date = parse(iso);
  return date ? `${date.toISOString().slice(11, 19)} UTC` : NONE;
}

export function formatMs(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return NONE;
  if (ms >= 1000) return `${formatNumber(ms / 1000, 1)} s`;
  return `${formatNumber(ms, ms < 10 ? 1 : 0)} ms`;
}

export function shortHash(hash: string): string {
  return hash.length > 20 ? `${hash.slice(0, 10)}…${hash.slice(-6)}` : hash;
}
