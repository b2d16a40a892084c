"use client";
import type { ReactNode } from "react";
import { useAddress } from "@/features/ui/use-address";
import { ComparePage } from "./compare-page";
import { Library } from "./library";
import { Reader } from "./reader";

/** The library with its search, one filing with a place to ask beside it, or two side by side: the address says which. */
export function FilingsPage(): ReactNode {
  const [params] = useAddress();
  const id = params.get("id");
  if (params.get("view") === "compare") return <ComparePage />;
  return id ? <Reader id={id} /> : <Library />;
}
