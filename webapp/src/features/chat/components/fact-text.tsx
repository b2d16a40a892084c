"use client";
import dynamic from "next/dynamic";
import { type ReactNode, useState } from "react";
import type { Fact } from "@/client/contract";
import { Dialog } from "@/features/ui/dialog";
import { Skeleton } from "@/features/ui/panel";
import { FactList } from "./fact-card";

const Markdown = dynamic(() => import("@/features/ui/markdown").then((module) => module.Markdown), {
  loading: () => <Skeleton label="the text" />,
});

/** A text whose figures open the facts they were taken from. */
export function FactText({
  text,
  facts,
  onFact,
}: {
  text: string;
  facts: Fact[];
  onFact?: (id: string) => void;
}): ReactNode {
  const [fact, setFact] = useState<Fact | null>(null);
  const open = (id: string) => {
    const found = facts.find((each) => each.id === id || `f${each.id}` === id) ?? null;
    setFact(found);
    if (found) onFact?.(found.id);
  };
  return (
    <>
      <Markdown text={text} onFact={open} />
      <Dialog open={fact !== null} onOpenChange={() => setFact(null)} title={fact?.label ?? "Fact"}>
        {fact ? <FactList facts={[fact]} /> : null}
      </Dialog>
    </>
  );
}
