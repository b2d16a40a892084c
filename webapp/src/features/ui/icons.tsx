/** Inline icons on a 16 px grid, drawn with the text colour; always decorative, the word stands beside them. */
import type { ReactNode } from "react";

const PATHS = {
  desk: "M2 12l4-5 3 3 5-7M2 14h12",
  chat: "M2 3h12v8H7l-3 3v-3H2z",
  approvals: "M3 8l3 3 7-7M2 14h12",
  portfolio: "M7 3a6 6 0 1 0 6 6H7zM10 1.5A5 5 0 0 1 14.5 6H10z",
  research: "M6 2h4M7 2v4L3 13h10L9 6V2M5 10h6",
  schedules: "M8 2a6 6 0 1 0 .1 0M8 5v3l3 2",
  bots: "M3 6h10v7H3zM8 6V3M8 3a1 1 0 1 0 .1 0M6 9h.1M10 9h.1M6 11h4",
  filings: "M4 2h6l3 3v9H4zM6 7h5M6 10h5",
  fraud: "M4 4a2 2 0 1 0 .1 0M12 4a2 2 0 1 0 .1 0M8 12a2 2 0 1 0 .1 0M5 6l2 5M11 6l-2 5",
  audit: "M8 2l5 2v4c0 3-2 5-5 6-3-1-5-3-5-6V4zM6 8l2 2 3-4",
  evals: "M3 14V8M7 14V3M11 14V6M2 14h12",
  system: "M2 3h12v4H2zM2 9h12v4H2zM4 5h1M4 11h1",
  search: "M7 2a5 5 0 1 0 .1 0M11 11l3 3",
  sun: "M8 5a3 3 0 1 0 .1 0M8 1v1M8 14v1M1 8h1M14 8h1M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
  stop: "M4 4h8v8H4z",
  retry: "M13 8a5 5 0 1 1-2-4M13 2v3h-3",
  close: "M3 3l10 10M13 3L3 13",
  next: "M6 3l5 5-5 5",
  back: "M10 3L5 8l5 5",
  down: "M3 6l5 5 5-5",
  trash: "M3 4h10M6 4V2h4v2M5 4l1 10h4l1-10",
  user: "M8 2a3 3 0 1 0 .1 0M2 14c1-3 3-4 6-4s5 1 6 4",
  link: "M7 9l6-6M9 3h4v4M6 4H3v9h9v-3",
  send: "M2 8l12-5-4 11-3-4z",
  pause: "M5 3v10M11 3v10",
  key: "M5 8a3 3 0 1 0 .1 0M7 10l6-6M11 6l2 2",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }): ReactNode {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      className="shrink-0"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
