"use client";
import dynamic from "next/dynamic";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { type ReactNode, useState } from "react";
import type { Person } from "@/client/contract";
import { useApprovals } from "@/client/queries";
import { useSystem } from "@/client/queries-desk";
import { Button } from "@/features/ui/controls";
import { Icon } from "@/features/ui/icons";
import { useShell } from "../hooks/use-shell";
import { mayHalt, type Section } from "../lib/sections";

/** Its place is kept while the code comes, so that nothing in the bar moves. */
const PersonMenu = dynamic(() => import("./person-menu").then((module) => module.PersonMenu), {
  ssr: false,
  loading: () => <span className="w-24" />,
});

function Waiting({ sections }: { sections: Section[] }): ReactNode {
  const wanted = sections.some((section) => section.path === "/approvals/");
  const waiting = useApprovals("waiting", wanted).data?.length ?? 0;
  return waiting > 0 ? (
    <span className="rounded-cell tint px-1 text-head text-warn">
      {waiting}
      <span className="sr-only"> waiting</span>
    </span>
  ) : null;
}

export function TopBar({ user, sections }: { user: Person; sections: Section[] }): ReactNode {
  const path = usePathname();
  const show = useShell((state) => state.show);
  const halted = useSystem().data?.halt.halted ?? false;
  return (
    <header className="flex h-11 max-sm:h-13 shrink-0 items-center gap-2 border-b border-line bg-s1 px-3">
      <span className="text-form font-semibold max-lg:hidden">Tenor</span>
      <nav aria-label="Sections" className="flex min-w-0 gap-0.5 overflow-x-auto max-sm:hidden">
        {sections.map((section) => (
          <Link
            key={section.path}
            href={section.path}
            prefetch={false}
            aria-current={path === section.path ? "page" : undefined}
            className="flex h-8 items-center gap-1.5 rounded-ctl px-2 text-fg2 hover:bg-s3 aria-[current]:bg-s3 aria-[current]:text-fg"
          >
            {section.name}
            {section.path === "/approvals/" ? <Waiting sections={sections} /> : null}
          </Link>
        ))}
      </nav>
      <span className="text-form font-semibold sm:hidden">Tenor</span>
      <div className="ml-auto flex items-center gap-2">
        <Button onClick={() => show("palette")} aria-label="Open the command palette">
          <Icon name="search" />
          <kbd className="font-sans text-head text-fg3 max-sm:hidden">Ctrl K</kbd>
        </Button>
        {mayHalt(user.role) && !halted ? (
          <Button onClick={() => show("halt")} className="text-halt">
            <span aria-hidden="true">■</span> Halt<span className="max-sm:hidden"> desk</span>
          </Button>
        ) : null}
        <PersonMenu user={user} />
      </div>
    </header>
  );
}

const SHOWN = 4;

/** The phone's tabs: the first sections of the role, the others behind More. */
export function BottomTabs({ sections }: { sections: Section[] }): ReactNode {
  const path = usePathname();
  const [more, setMore] = useState(false);
  const first = sections.length > SHOWN + 1 ? sections.slice(0, SHOWN) : sections;
  const others = sections.slice(first.length);
  const look =
    "flex h-12 min-w-11 flex-1 flex-col items-center justify-center text-head text-fg2 aria-[current]:text-accent";
  const tab = (section: Section) => (
    <Link
      key={section.path}
      href={section.path}
      prefetch={false}
      onClick={() => setMore(false)}
      aria-current={path === section.path ? "page" : undefined}
      className={look}
    >
      <Icon name={section.icon} />
      {section.name}
    </Link>
  );
  return (
    <nav
      aria-label="Sections, phone"
      className="fixed inset-x-0 bottom-0 z-10 border-t border-line bg-s1 sm:hidden"
    >
      {more ? <div className="flex border-b border-line">{others.map(tab)}</div> : null}
      <div className="flex">
        {first.map(tab)}
        {others.length > 0 ? (
          <button type="button" className={look} aria-expanded={more} onClick={() => setMore(!more)}>
            <Icon name="down" /> More
          </button>
        ) : null}
      </div>
    </nav>
  );
}
