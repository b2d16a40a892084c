"use client";
import { usePathname, useRouter, useSearchParams } from "next/navigation";

/** One value of the address's query string, and a setter that keeps the other values; null removes it. */
export function useQueryParam(name: string): [string | null, (value: string | null) => void] {
  const params = useSearchParams();
  const path = usePathname();
  const router = useRouter();
  const set = (value: string | null) => {
    const next = new URLSearchParams(params);
    if (value === null) next.delete(name);
    else next.set(name, value);
    const query = next.toString();
    router.push(query ? `${path}?${query}` : path, { scroll: false });
  };
  return [params.get(name), set];
}
