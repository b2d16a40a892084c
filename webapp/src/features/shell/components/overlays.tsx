"use client";
/** What opens on top of any page: loaded right after the first paint and kept, so that keys typed after Ctrl K are not lost. */
import dynamic from "next/dynamic";
import type { ReactNode } from "react";
import type { Section } from "../lib/sections";

const Palette = dynamic(() => import("./palette").then((module) => module.Palette), { ssr: false });
const KeysHelp = dynamic(() => import("./keys-help").then((module) => module.KeysHelp), { ssr: false });
const HaltDialogs = dynamic(() => import("./halt-dialogs").then((module) => module.HaltDialogs), {
  ssr: false,
});

export function Overlays({ sections }: { sections: Section[] }): ReactNode {
  return (
    <>
      <Palette sections={sections} />
      <KeysHelp sections={sections} />
      <HaltDialogs />
    </>
  );
}
