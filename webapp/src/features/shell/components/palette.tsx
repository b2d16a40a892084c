"use client";
import { useRouter } from "next/navigation";
import { Dialog } from "radix-ui";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { useInstruments } from "@/client/queries";
import { useShell } from "../hooks/use-shell";
import { type Command, parseCommand } from "../lib/grammar";
import type { Section } from "../lib/sections";

interface Row {
  id: string;
  text: string;
  chips: string[];
  run: (() => void) | null;
}

export function Palette({ sections }: { sections: Section[] }): ReactNode {
  const open = useShell((state) => state.open === "palette");
  const show = useShell((state) => state.show);
  return (
    <Dialog.Root open={open} onOpenChange={(next) => show(next ? "palette" : null)}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 bg-bg/70" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed left-1/2 top-16 z-30 w-[min(600px,calc(100vw-16px))] -translate-x-1/2 overflow-hidden rounded-card border border-line bg-s2 shadow-xl"
        >
          <Dialog.Title className="sr-only">Command palette</Dialog.Title>
          <PaletteBox sections={sections} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function useRows(text: string, sections: Section[]): Row[] {
  const router = useRouter();
  const { pick, setDraft, show } = useShell();
  const instruments = useInstruments().data ?? [];
  const go = (path: string) => () => {
    show(null);
    router.push(path);
  };
  const symbolOf = (id: string) => instruments.find((each) => each.id === id)?.symbol ?? id;
  const describe = (command: Command): Row => {
    switch (command.kind) {
      case "symbol":
        return {
          id: "symbol",
          text: `Show ${symbolOf(command.instrument)} on the desk`,
          chips: [symbolOf(command.instrument), ...(command.range ? [command.range] : [])],
          run: () => {
            pick(command.instrument, command.range);
            go("/")();
          },
        };
      case "order":
        return {
          id: "order",
          text: "Fill the ticket (nothing is sent)",
          chips: command.chips,
          run: () => {
            setDraft(command);
            go("/")();
          },
        };
      case "go":
        return { id: command.path, text: `Go to ${command.name}`, chips: [], run: go(command.path) };
      case "halt":
      case "resume":
        return {
          id: command.kind,
          text: `Open the ${command.kind} dialog`,
          chips: [],
          run: () => show(command.kind),
        };
      case "ask":
        return {
          id: "ask",
          text: "Ask the agents",
          chips: [command.question],
          run: go(`/chat/?ask=${encodeURIComponent(command.question)}`),
        };
      default:
        return { id: "unknown", text: command.reason, chips: [], run: null };
    }
  };
  const command = parseCommand(text, instruments);
  const needle = text.trim().toLowerCase();
  const near: Command[] = [
    ...sections
      .filter((each) => !needle || each.name.toLowerCase().startsWith(needle))
      .map((each): Command => ({ kind: "go", path: each.path, name: each.name })),
    ...instruments
      .filter((each) => needle && `${each.symbol} ${each.name}`.toLowerCase().includes(needle))
      .slice(0, 6)
      .map((each): Command => ({ kind: "symbol", instrument: each.id, range: null })),
  ];
  const rows = near.map(describe).map((row, at) => ({ ...row, id: `${row.id}-${at}` }));
  if (!command || (command.kind === "unknown" && rows.length > 0)) return rows;
  const main = describe(command);
  return [main, ...rows.filter((row) => row.text !== main.text)];
}

function PaletteBox({ sections }: { sections: Section[] }): ReactNode {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const rows = useRows(text, sections);
  const active = Math.min(at, Math.max(0, rows.length - 1));
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      setAt((active + step + rows.length) % Math.max(1, rows.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      rows[active]?.run?.();
    }
  };
  return (
    <>
      <input
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={rows.length ? `palette-${active}` : undefined}
        aria-label="Command, symbol or question"
        placeholder="nvda 6m · buy 400 nvda @ mkt · go chat · ? question"
        className="h-12 w-full border-b border-line bg-s2 px-4 text-read outline-none placeholder:text-fg3"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <div id="palette-list" role="listbox" aria-label="Matches" className="max-h-80 overflow-auto p-1">
        {rows.map((row, index) => (
          // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the combobox (aria-activedescendant)
          // biome-ignore lint/a11y/useKeyWithClickEvents: Enter in the combobox runs the row
          <div
            key={row.id}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === active}
            aria-disabled={row.run === null}
            onClick={() => row.run?.()}
            className="flex min-h-9 max-sm:min-h-11 cursor-pointer flex-wrap items-center gap-2 rounded-ctl px-3 py-1 text-form aria-selected:bg-s3"
          >
            <span className={row.run ? "" : "text-warn"}>{row.text}</span>
            {row.chips.map((chip) => (
              <span key={chip} className="rounded-cell bg-bg px-1.5 text-compact text-fg2">
                {chip}
              </span>
            ))}
          </div>
        ))}
      </div>
    </>
  );
}
