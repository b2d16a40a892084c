import type { Link } from "@/client/quotes";
import type { Tone } from "@/features/ui/badge";

export const STALE_MS = 10_000;

/** The freshness contract of the live stream: quiet to 2 s, aged to 10 s, stale after, with the retry countdown. */
export function freshness(
  link: Link,
  heardAt: number,
  retryAt: number,
  now: number,
): { tone: Tone; text: string; stale: boolean } {
  if (heardAt === 0 && link !== "lost") return { tone: "off", text: "CONNECTING", stale: true };
  const age = Math.max(0, now - heardAt);
  const seconds = Math.floor(age / 1000);
  const wait = Math.max(0, Math.ceil((retryAt - now) / 1000));
  const retry = link === "lost" ? `, retry in ${wait} s` : "";
  if (heardAt === 0) return { tone: "off", text: `OFFLINE${retry}`, stale: true };
  if (age > STALE_MS) return { tone: "warn", text: `STALE ${seconds} s${retry}`, stale: true };
  if (link === "lost") return { tone: "warn", text: `LINK LOST ${seconds} s${retry}`, stale: false };
  if (age > 2000) return { tone: "quiet", text: `LIVE, ${seconds} s old`, stale: false };
  return { tone: "quiet", text: "LIVE", stale: false };
}
