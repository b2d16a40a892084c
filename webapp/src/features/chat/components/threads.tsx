"use client";
import type { ReactNode } from "react";
import { useDeleteThread, useThreads } from "@/client/queries";
import { Button } from "@/features/ui/controls";
import { formatTime } from "@/features/ui/format";
import { Icon } from "@/features/ui/icons";
import { Loaded, Panel } from "@/features/ui/panel";

export function Threads({
  current,
  onPick,
}: {
  current: string | null;
  onPick: (id: string | null) => void;
}): ReactNode {
  const query = useThreads();
  const drop = useDeleteThread();
  return (
    <Panel
      title="Threads"
      className="max-lg:max-h-48"
      aside={
        <Button className="h-7!" onClick={() => onPick(null)}>
          New
        </Button>
      }
    >
      <Loaded
        query={query}
        label="threads"
        isEmpty={(data) => data.length === 0}
        empty="No threads yet. Your first question starts one."
      >
        {(threads) => (
          <ul>
            {threads.map((thread) => (
              <li key={thread.id} className="flex items-center border-b border-line pr-1 hover:bg-s2">
                <button
                  type="button"
                  aria-current={thread.id === current ? "true" : undefined}
                  onClick={() => onPick(thread.id)}
                  className="min-w-0 flex-1 px-3 py-1.5 text-left -outline-offset-2 aria-[current]:bg-s3"
                >
                  <span className="block truncate text-compact">{thread.title}</span>
                  <span className="text-head text-fg3">{formatTime(thread.updated_at)}</span>
                </button>
                <Button
                  look="quiet"
                  className="h-7! px-1.5!"
                  aria-label={`Delete the thread ${thread.title}`}
                  disabled={drop.isPending}
                  onClick={() =>
                    drop.mutate(thread.id, { onSuccess: () => thread.id === current && onPick(null) })
                  }
                >
                  <Icon name="trash" />
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}
