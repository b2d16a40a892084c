"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import type { FilingPlace } from "@/client/contract-desk";
import { findWords } from "@/client/queries-filings";
import { Button, INPUT } from "@/features/ui/controls";
import { Icon } from "@/features/ui/icons";

/** Finds words anywhere in the filing and steps through the places. Enter goes to the next one. */
export function FindBar({ id, onShow }: { id: string; onShow: (hit: FilingPlace) => void }): ReactNode {
  const [text, setText] = useState("");
  const [at, setAt] = useState(-1);
  const cache = useQueryClient();
  const long = text.trim().length > 1;
  const query = useQuery({ ...findWords(id, text), enabled: long });
  const hits = long ? (query.data?.hits ?? []) : [];
  const total = query.data?.total ?? 0;
  /** Enter may come before the places are known: they are waited for. A failure is told by the hook. */
  const step = async (by: number) => {
    if (!long) return;
    const found = await cache.ensureQueryData(findWords(id, text)).catch(() => null);
    const count = found?.hits.length ?? 0;
    if (count === 0) return;
    const next = (at + by + count) % count;
    const hit = found?.hits[next];
    setAt(next);
    if (hit) onShow(hit);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void step(1);
  };
  const said = query.isError
    ? "failed"
    : hits.length === 0
      ? query.isFetching
        ? "…"
        : "none"
      : `${at < 0 ? "" : `${at + 1} of `}${total}`;
  return (
    <form onSubmit={submit} className="ml-auto flex items-center gap-1 max-sm:w-full">
      <input
        type="search"
        aria-label="Find in this filing"
        placeholder="Find in this filing"
        className={`${INPUT} h-7! w-44! text-compact! max-sm:h-11! max-sm:flex-1`}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(-1);
        }}
      />
      {long ? (
        <>
          <span role="status" className="text-head whitespace-nowrap text-fg3">
            {said}
          </span>
          <Button
            className="h-7!"
            aria-label="Previous place"
            onClick={() => void step(-1)}
            disabled={hits.length === 0}
          >
            <Icon name="back" />
          </Button>
          <Button className="h-7!" aria-label="Next place" type="submit">
            <Icon name="next" />
          </Button>
        </>
      ) : null}
    </form>
  );
}
