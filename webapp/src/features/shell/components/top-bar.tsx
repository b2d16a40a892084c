"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { DropdownMenu } from "radix-ui";
import { type ReactNode, useState } from "react";
import type { Person } from "@/client/contract";
import { useApprovals, useSignOut } from "@/client/queries";
import { useSystem } from "@/client/queries-desk";
import { Button } from "@/features/ui/controls";
import { Icon } from "@/features/ui/icons";
import { useShell } from "../hooks/use-shell";
import { mayHalt, type Section } from "../lib/sections";
import { setTheme } from "../lib/theme";

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

const ITEM =
  "flex h-8 max-sm:h-11 items-center rounded-ctl px-2 text-desk outline-none data-[highlighted]:bg-s3 cursor-pointer";

function PersonMenu({ user }: { user: Person }): ReactNode {
  const show = useShell((state) => state.show);
  const signOut = useSignOut();
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <Button look="quiet" aria-label={`${user.display_name}, ${user.role}: menu`}>
          <Icon name="user" />
          <span className="max-md:hidden">{user.display_name}</span>
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          className="z-30 min-w-52 rounded-card border border-line bg-s2 p-1 shadow-xl"
        >
          <DropdownMenu.Label className="px-2 py-1 text-compact text-fg2">
            {user.name} · {user.role}
            {user.demo ? " · demo" : ""}
          </DropdownMenu.Label>
          <DropdownMenu.Item className={ITEM} onSelect={() => show("tour")}>
            Guided tour
          </DropdownMenu.Item>
          <DropdownMenu.Item className={ITEM} onSelect={() => show("keys")}>
            Keys
          </DropdownMenu.Item>
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          <DropdownMenu.Item className={ITEM} onSelect={() => setTheme("light")}>
            Light theme
          </DropdownMenu.Item>
          <DropdownMenu.Item className={ITEM} onSelect={() => setTheme("dark")}>
            Dark theme
          </DropdownMenu.Item>
          <DropdownMenu.Item className={ITEM} onSelect={() => setTheme(null)}>
            Theme of the system
          </DropdownMenu.Item>
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          <DropdownMenu.Item className={ITEM} onSelect={() => signOut.mutate()}>
            Sign out
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
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
