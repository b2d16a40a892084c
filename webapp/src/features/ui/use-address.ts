"use client";
import { usePathname, useRouter, useSearchParams } from "next/navigation";

/** The address's query string, and one step that changes several of its values; null or "" removes one. */
export function useAddress(): [
  URLSearchParams,
  (changes: Record<string, string | number | null>, how?: "push" | "replace") => void,
] {
  const params = useSearchParams();
  const path = usePathname();
  const router = useRouter();
  const go = (changes: Record<string, string | number | null>, how: "push" | "replace" = "push") => {
    const next = new URLSearchParams(params);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === "") next.delete(name);
      else next.set(name, String(value));
    }
    const query = next.toString();
    router[how](query ? `${path}?${query}` : path, { scroll: false });
  };
  return [new URLSearchParams(params), go];
}
