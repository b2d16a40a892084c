"use client";
import { useSyncExternalStore } from "react";

let now = 0;
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

function read(): number {
  if (now === 0 || Date.now() - now > 1500) now = Date.now();
  return now;
}

/** Wall time in ms, renewed once a second by one shared timer; 0 while the page is being prerendered. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, read, () => 0);
}
