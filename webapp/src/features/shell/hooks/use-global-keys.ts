"use client";
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import type { Section } from "../lib/sections";
import { useShell } from "./use-shell";

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null
  );
}

function nextPanel(back: boolean): void {
  const panels = [...document.querySelectorAll<HTMLElement>("[data-panel]")];
  const at = panels.findIndex((panel) => panel.contains(document.activeElement));
  const to = back ? (at <= 0 ? panels.length - 1 : at - 1) : (at + 1) % panels.length;
  panels[to]?.focus();
}

export function bareKeysOn(): boolean {
  return localStorage.getItem("tenor.keys") !== "off";
}

/** Ctrl/Cmd+K, F6, Alt+Shift+H everywhere; bare keys (/, ?, g then a letter) unless typing or switched off. */
export function useGlobalKeys(sections: Section[]): void {
  const router = useRouter();
  useEffect(() => {
    let chordUntil = 0;
    const onKey = (event: KeyboardEvent) => {
      const { show, open } = useShell.getState();
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        show(open === "palette" ? null : "palette");
        return;
      }
      if (event.altKey && event.shiftKey && event.code === "KeyH") {
        event.preventDefault();
        show("halt");
        return;
      }
      if (event.key === "F6") {
        event.preventDefault();
        nextPanel(event.shiftKey);
        return;
      }
      if (open || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !bareKeysOn())
        return;
      if (Date.now() < chordUntil) {
        chordUntil = 0;
        const section = sections.find((each) => each.key === event.key);
        if (section) router.push(section.path);
        return;
      }
      if (event.key === "g") chordUntil = Date.now() + 1500;
      else if (event.key === "?") show("keys");
      else if (event.key === "/") {
        event.preventDefault();
        show("palette");
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [router, sections]);
}
