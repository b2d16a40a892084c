"use client";
import type { ReactNode } from "react";
import { formatLeft } from "@/features/ui/format";
import { useNow } from "@/features/ui/use-now";

/** `speak` announces 60 and 10 seconds; only for one timer on a page, and never inside a link or button. */
export function ExpiryTimer({ at, speak = false }: { at: string; speak?: boolean }): ReactNode {
  const now = useNow();
  const left = new Date(at).getTime() - now;
  if (left <= 0) return <span className="text-fg3">expired</span>;
  const seconds = Math.floor(left / 1000);
  return (
    <span className={left < 60_000 ? "font-semibold text-warn" : "text-fg2"}>
      <span role="timer" aria-label={`expires in ${formatLeft(left)}`}>
        {formatLeft(left)}
      </span>
      {speak ? (
        <span className="sr-only" aria-live="assertive">
          {seconds === 60 || seconds === 10 ? `${seconds} seconds left` : ""}
        </span>
      ) : null}
    </span>
  );
}
