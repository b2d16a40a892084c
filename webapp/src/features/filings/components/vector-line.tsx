"use client";
import type { ReactNode } from "react";
import { useVectors } from "@/client/queries-filings";
import { Badge } from "@/features/ui/badge";
import { formatNumber } from "@/features/ui/format";

/** How far the vectors are: search works by words until every passage has its own. */
export function VectorLine(): ReactNode {
  const { data } = useVectors();
  if (!data) return null;
  if (data.failure) {
    return (
      <Badge tone="warn" title={data.failure}>
        words only: no vectors
      </Badge>
    );
  }
  if (data.ready) return <Badge tone="pass">words and vectors</Badge>;
  const share = data.total ? data.done / data.total : 0;
  return (
    <span className="flex items-center gap-2 text-head text-fg3">
      <progress aria-label="Vectors of passages" className="h-1.5 w-20 accent-accent" max={1} value={share} />
      {data.total
        ? `vectors ${formatNumber(data.done, 0)} of ${formatNumber(data.total, 0)}: until then by words`
        : "by words; vectors are about to start"}
    </span>
  );
}
