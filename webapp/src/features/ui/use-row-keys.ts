"use client";
import { useEffect } from "react";
import { bareKeysOn } from "@/features/shell/hooks/use-global-keys";

/** Bare keys of one page, ignored while typing, with a dialog open, or when switched off in Keys. */
export function useRowKeys(keys: Record<string, () => void>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !bareKeysOn()) return;
      const target = event.target;
      if (
        target instanceof HTMLElement &&
        target.closest("input, textarea, select, [role=dialog], [role=alertdialog]")
      )
        return;
      keys[event.key.toLowerCase()]?.();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });
}
