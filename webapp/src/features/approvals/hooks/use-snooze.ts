"use client";
import { create } from "zustand";

/** "Not now" hides a proposal from the list for 15 minutes on this screen. It tells the server nothing. */
export const SNOOZE_MS = 15 * 60_000;

interface Snooze {
  until: Record<string, number>;
  snooze: (id: string) => void;
  wake: (id: string) => void;
}

export const useSnooze = create<Snooze>()((set) => ({
  until: {},
  snooze: (id) => set((state) => ({ until: { ...state.until, [id]: Date.now() + SNOOZE_MS } })),
  wake: (id) => set((state) => ({ until: { ...state.until, [id]: 0 } })),
}));
