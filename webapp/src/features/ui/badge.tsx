/** Glyph plus word: no state is told by colour alone. */
import type { ReactNode } from "react";

const TONES = {
  quiet: ["●", "text-fg2 bg-s3"],
  pass: ["✓", "text-up tint"],
  fail: ["✕", "text-down tint"],
  warn: ["◐", "text-warn tint"],
  sim: ["◇", "text-sim tint hatch"],
  halt: ["■", "text-onfill bg-halt"],
  info: ["▣", "text-info tint"],
  linked: ["⇄", "text-fg2 bg-s3"],
  off: ["○", "text-fg3 bg-s3"],
} as const;
export type Tone = keyof typeof TONES;

export function Badge({
  tone,
  children,
  title,
}: {
  tone: Tone;
  children: ReactNode;
  title?: string;
}): ReactNode {
  const [glyph, look] = TONES[tone];
  return (
    <span
      title={title}
      className={`inline-flex items-center gap-1 rounded-cell px-1.5 text-head font-medium whitespace-nowrap ${look}`}
    >
      <span aria-hidden="true">{glyph}</span>
      {children}
    </span>
  );
}

const STATES: Record<string, Tone> = {
  waiting: "warn",
  approved: "pass",
  filled: "pass",
  done: "pass",
  working: "quiet",
  accepted: "quiet",
  running: "quiet",
  paused: "warn",
  proposed: "warn",
  active: "pass",
  revoked: "off",
  stopped: "off",
  halted: "fail",
  review: "fail",
  placed: "quiet",
  reserved: "quiet",
  outside: "fail",
  asked: "warn",
  dry: "sim",
  sent: "pass",
  void: "off",
  refused: "fail",
  rejected: "fail",
  failed: "fail",
  expired: "off",
  cancelled: "off",
  closed: "off",
  open: "warn",
  escalated: "fail",
  closing: "warn",
  embedded: "info",
  connected: "linked",
  unreachable: "fail",
  lost: "warn",
};

export function StateBadge({ state }: { state: string }): ReactNode {
  return <Badge tone={STATES[state] ?? "quiet"}>{state}</Badge>;
}
