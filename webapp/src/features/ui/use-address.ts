"use client";
import { usePathname, useSearchParams } from "next/navigation";

/**
 * The address's query string, and one step that changes several of its values; null or "" removes one.
 *
 * The history is written directly, which Next follows: the page stays where it is scrolled to, and nothing is fetched.
 */
export function useAddress(): [
  URLSearchParams,
  (changes: Record<string, string | number | null>, how?: "push" | "replace") => void,
] {
  const params = useSearchParams();
  const path = usePathname();
  const go = (changes: Record<string, string | number | null>, how: "push" | "replace" = "push") => {
    const next = new URLSearchParams(params);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === "") next.delete(name);
      else next.set(name, String(value));
    }
    const query = next.toString();
    const to = query ? `${path}?${query}` : path;
    if (how === "push") window.history.pushState(null, "", to);
    else window.history.replaceState(null, "", to);
  };
  return [new URLSearchParams(params), go];
}
