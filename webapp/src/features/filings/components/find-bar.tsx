"use client";
import { type FormEvent, type ReactNode, useState } from "react";
import type { FilingPlace } from "@/client/contract-desk";
import { useFindWords } from "@/client/queries-filings";
import { Button, INPUT } from "@/features/ui/controls";
import { Icon } from "@/features/ui/icons";

/** Finds words anywhere in the filing and steps through the places. Enter goes to the next one. */
export function FindBar({ id, onShow }: { id: string; onShow: (hit: FilingPlace) => void }): ReactNode {
  const [text, setText] = useState("");
  const [at, setAt] = useState(-1);
  const query = useFindWords(id, text);
  const hits = text.trim().length > 1 ? (query.data?.hits ?? []) : [];
  const total = query.data?.total ?? 0;
  const step = (by: number) => {
    if (hits.length === 0) return;
    const next = (at + by + hits.length) % hits.length;
    setAt(next);
    const hit = hits[next];
    if (hit) onShow(hit);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    step(1);
  };
  const said =
    hits.length === 0 ? (query.isFetching ? "…" : "none") : `${at < 0 ? "" : `${at + 1} of `}${total}`;
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
      {text.trim().length > 1 ? (
        <>
          <span role="status" className="text-head whitespace-nowrap text-fg3">
            {said}
          </span>
          <Button
            className="h-7!"
            aria-label="Previous place"
            onClick={() => step(-1)}
            disabled={hits.length === 0}
          >
            <Icon name="back" />
          </Button>
          <Button className="h-7!" aria-label="Next place" type="submit" disabled={hits.length === 0}>
            <Icon name="next" />
          </Button>
        </>
      ) : null}
    </form>
  );
}
