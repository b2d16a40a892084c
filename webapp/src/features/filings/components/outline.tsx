import Link from "next/link";
import type { ReactNode } from "react";
import type { Filing, FilingSection } from "@/client/contract-desk";
import { Icon } from "@/features/ui/icons";
import { Empty, Panel } from "@/features/ui/panel";
import { itemsOf } from "../lib/passage";

const ROW =
  "min-h-7 max-lg:min-h-11 w-full px-3 py-1 text-left text-compact -outline-offset-2 hover:bg-s2 aria-[current]:bg-s3 aria-[current]:text-fg aria-[current]:font-medium";

const OFTEN = 3;

/** Without what a page prints at its top again and again: the company's name, "Unaudited". */
function withoutFurniture(sections: FilingSection[]): FilingSection[] {
  const counts = new Map<string, number>();
  for (const each of sections) counts.set(each.title, (counts.get(each.title) ?? 0) + 1);
  return sections.filter((each) => (counts.get(each.title) ?? 0) < OFTEN);
}

/** Parts and items; the headings inside only of the item on screen. */
export function Outline(props: {
  filing: Filing;
  current: string;
  className: string;
  onOpen: (section: string, at: number | null) => void;
}): ReactNode {
  const { filing, current, onOpen } = props;
  const items = itemsOf(filing.sections);
  const parts = filing.sections.filter((each) => each.level === 1);
  const inside = (item: FilingSection): FilingSection[] => {
    const next = items[items.indexOf(item) + 1]?.start ?? Number.POSITIVE_INFINITY;
    const own = filing.sections.filter(
      (each) => each.level > 2 && each.start >= item.start && each.start < next,
    );
    return withoutFurniture(own);
  };
  const partOf = (at: number) => {
    const here = items[at]?.start ?? 0;
    const before = at > 0 ? (items[at - 1]?.start ?? 0) : -1;
    return parts.filter((part) => part.start <= here && part.start > before);
  };
  return (
    <Panel
      title="Outline"
      className={props.className}
      aside={
        <Link
          href="/filings/"
          className="inline-flex min-h-7 items-center gap-1 text-compact text-accent underline"
        >
          <Icon name="back" /> All filings
        </Link>
      }
    >
      {items.length === 0 ? <Empty>This filing has no sections.</Empty> : null}
      <ul>
        {items.map((item, at) => (
          <li key={item.id}>
            {partOf(at).map((part) => (
              <p key={part.id} className="px-3 pt-2 text-head text-fg3">
                {part.title}
              </p>
            ))}
            <button
              type="button"
              aria-current={item.id === current ? "true" : undefined}
              onClick={() => onOpen(item.id, null)}
              className={`${ROW} text-fg2`}
            >
              {item.title}
            </button>
            {item.id === current && item.id !== "cover" ? (
              <ul className="border-l border-line ml-4">
                {inside(item).map((each) => (
                  <li key={each.id}>
                    <button
                      type="button"
                      onClick={() => onOpen(item.id, each.start)}
                      data-level={each.level}
                      className={`${ROW} text-fg3 data-[level='4']:pl-5`}
                    >
                      {each.title.length > 90 ? `${each.title.slice(0, 88)}…` : each.title}
                    </button>
                  </li>
                ))}
              </ul>
            ) : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
