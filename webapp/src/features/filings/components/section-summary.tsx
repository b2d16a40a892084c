"use client";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import type { Filing } from "@/client/contract-desk";
import { useSummary } from "@/client/queries-filings";
import { Loaded } from "@/features/ui/panel";
import { placePath } from "../lib/address";

/** The section in a few of its own sentences; asked for when opened. */
export function SectionSummary({ filing, section }: { filing: Filing; section: string }): ReactNode {
  const [open, setOpen] = useState(false);
  const query = useSummary(filing.id, open ? section : null);
  if (section === "cover" || section === "all") return null;
  return (
    <details
      className="mx-4 mt-2 rounded-ctl border border-line bg-s2 px-3 py-1 text-desk"
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary className="min-h-6 cursor-pointer text-compact text-fg2">
        In its own sentences: three that hold most of this section
      </summary>
      {open ? (
        <Loaded
          query={query}
          label="the summary"
          isEmpty={(data) => data.sections.length === 0}
          empty="This section holds no prose to choose from."
        >
          {(data) => (
            <div className="flex flex-col gap-2 py-1">
              {data.sections.flatMap((each) =>
                each.sentences.map((place) => (
                  <p key={place.start}>
                    <q>{place.quote}</q>{" "}
                    <Link className="text-accent underline" href={placePath(place)}>
                      p. {place.page}
                    </Link>
                  </p>
                )),
              )}
              <p className="text-head text-fg3">
                {data.narrator}; {data.sections[0]?.of ?? 0} sentences to choose from.
              </p>
            </div>
          )}
        </Loaded>
      ) : null}
    </details>
  );
}
