"use client";
import Link from "next/link";
import type { ReactNode } from "react";
import { sentence } from "@/client/http";
import { type Replay, useReplay } from "@/client/queries-runs";
import { runPath } from "@/features/runs/lib/run";
import { Button } from "@/features/ui/controls";

/** Replays the run behind an answer from its record, and says whether it came out the same; `traced` on its page. */
export function ReplayLine({ run, traced = false }: { run: string; traced?: boolean }): ReactNode {
  const replay = useReplay();
  return (
    <div className="flex flex-wrap items-center gap-2 text-head text-fg3">
      <Button onClick={() => replay.mutate(run)} disabled={replay.isPending}>
        {replay.isPending ? "Replaying…" : "Replay"}
      </Button>
      {traced ? null : (
        <Link href={runPath(run)} className="px-1 py-1 text-compact text-accent underline">
          Trace
        </Link>
      )}
      <span role="status">
        {replay.error ? <span className="text-warn">{sentence(replay.error)}</span> : null}
        {replay.data ? <Outcome found={replay.data} /> : null}
      </span>
    </div>
  );
}

function Outcome({ found }: { found: Replay }): ReactNode {
  if (found.identical) {
    return (
      <>
        ✓ Identical, byte for byte; record <code title={found.hash}>{found.hash.slice(0, 12)}</code>
      </>
    );
  }
  return (
    <span className="text-warn">
      ✕ Differs in {found.fields.join(", ")}: {found.facts.length} facts, {found.tools.length} tool calls,{" "}
      {found.words.length} places in the words
    </span>
  );
}
