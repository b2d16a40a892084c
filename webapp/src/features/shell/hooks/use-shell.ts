"use client";
/** What the shell shows on top of a page, and the order draft that the palette hands to the desk. */
import { create } from "zustand";
import type { Range, Side } from "@/client/contract";

export interface Draft {
  side: Side;
  quantity: number;
  instrument: string;
  price: number | null;
  /** Grows with each hand-over, so that the ticket can tell a new draft from an old one. */
  stamp: number;
}

interface Shell {
  open: "palette" | "keys" | "halt" | "resume" | "tour" | null;
  instrument: string | null;
  range: Range;
  draft: Draft | null;
  show: (what: Shell["open"]) => void;
  pick: (instrument: string, range?: Range | null) => void;
  setRange: (range: Range) => void;
  setDraft: (draft: Omit<Draft, "stamp">) => void;
}

export const useShell = create<Shell>()((set) => ({
  open: null,
  instrument: null,
  range: "1Y",
  draft: null,
  show: (open) => set({ open }),
  pick: (instrument, range) => set((state) => ({ instrument, range: range ?? state.range })),
  setRange: (range) => set({ range }),
  setDraft: (draft) =>
    set((state) => ({
      instrument: draft.instrument,
      draft: { ...draft, stamp: (state.draft?.stamp ?? 0) + 1 },
    })),
}));
