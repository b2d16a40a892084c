"use client";
import { type ReactNode, useCallback } from "react";
import type { FilingBlock, FilingCell } from "@/client/contract-desk";
import { type Span, splitBlock } from "../lib/passage";
import { FilingTable } from "./filing-table";

export type OnCell = (cell: FilingCell, name: string) => void;
const EDGE = 120;

/** Brings a place into view when it is drawn, unless it can be seen already. */
function useReveal(): (node: HTMLElement | null) => void {
  return useCallback((node) => {
    const box = node?.getBoundingClientRect();
    if (box && (box.top < EDGE || box.bottom > window.innerHeight - EDGE))
      node?.scrollIntoView({ block: "center" });
  }, []);
}

export function Blocks(props: {
  blocks: FilingBlock[];
  cells: FilingCell[];
  span: Span | null;
  jump: number | null;
  chosen: string | null;
  onCell: OnCell;
}): ReactNode {
  const { blocks, cells, span, jump } = props;
  const show = useReveal();
  const firstMarked = blocks.find((block) => splitBlock(block, span))?.id;
  const target = jump === null ? null : (blocks.find((block) => block.start >= jump)?.id ?? null);
  const inTable = (block: FilingBlock) => (block.rows ? cells.filter((cell) => cell.block === block.id) : []);
  const paged = blocks.map((block, at) => ({ block, turns: block.page !== (blocks[at - 1]?.page ?? null) }));
  return (
    <article className="mx-auto flex max-w-[820px] flex-col gap-3 px-4 py-4 text-read">
      {paged.map(({ block, turns }) => (
        <div key={block.id} ref={block.id === target ? show : undefined} className="scroll-mt-24">
          {turns && block.page !== null ? (
            <p className="mb-2 border-t border-line pt-1 text-head text-fg3">p. {block.page}</p>
          ) : null}
          <Block
            block={block}
            cells={inTable(block)}
            span={span}
            anchor={block.id === firstMarked ? show : undefined}
            chosen={props.chosen}
            onCell={props.onCell}
          />
        </div>
      ))}
    </article>
  );
}

function Block(props: {
  block: FilingBlock;
  cells: FilingCell[];
  span: Span | null;
  anchor: ((node: HTMLElement | null) => void) | undefined;
  chosen: string | null;
  onCell: OnCell;
}): ReactNode {
  const { block, span, anchor } = props;
  const parts = splitBlock(block, span);
  if (block.kind === "table" && block.rows) {
    return (
      <FilingTable
        rows={block.rows}
        cells={props.cells}
        marked={parts?.[1] ?? null}
        anchor={anchor}
        label={block.text}
        chosen={props.chosen}
        onCell={props.onCell}
      />
    );
  }
  const text = parts ? (
    <>
      {parts[0]}
      <mark key={span?.start} ref={anchor} className="cite-mark">
        {parts[1]}
      </mark>
      {parts[2]}
    </>
  ) : (
    block.text
  );
  return block.kind === "heading" ? (
    <h2 className="text-h2 font-semibold">{text}</h2>
  ) : (
    <p className="whitespace-pre-line">{text}</p>
  );
}
