"use client";
import { type ReactNode, useCallback } from "react";
import type { FilingBlock } from "@/client/contract-desk";
import { Scroll } from "@/features/ui/scroll";
import { citedRows, type Span, splitBlock } from "../lib/passage";

/** Brings the marked passage into view once, when it is drawn. */
function useReveal(): (node: HTMLElement | null) => void {
  return useCallback((node) => node?.scrollIntoView({ block: "center" }), []);
}

export function Blocks({ blocks, span }: { blocks: FilingBlock[]; span: Span | null }): ReactNode {
  const firstMarked = blocks.find((block) => splitBlock(block, span))?.id;
  const paged = blocks.map((block, at) => ({ block, turns: block.page !== (blocks[at - 1]?.page ?? null) }));
  return (
    <article className="mx-auto flex max-w-[760px] flex-col gap-3 px-4 py-4 text-read">
      {paged.map(({ block, turns }) => (
        <div key={block.id}>
          {turns && block.page !== null ? (
            <p className="mb-2 border-t border-line pt-1 text-head text-fg3">p. {block.page}</p>
          ) : null}
          <Block block={block} span={span} reveal={block.id === firstMarked} />
        </div>
      ))}
    </article>
  );
}

function Block({
  block,
  span,
  reveal,
}: {
  block: FilingBlock;
  span: Span | null;
  reveal: boolean;
}): ReactNode {
  const show = useReveal();
  const parts = splitBlock(block, span);
  const anchor = reveal ? show : undefined;
  if (block.kind === "table" && block.rows) {
    return <TableBlock rows={block.rows} marked={parts?.[1] ?? null} anchor={anchor} label={block.text} />;
  }
  const text = parts ? (
    <>
      {parts[0]}
      <mark ref={anchor} className="cite-mark">
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

const NUMERIC = /^[\s$€£()%+\-\u2212–—.,\d]+$/;

function TableBlock(props: {
  rows: NonNullable<FilingBlock["rows"]>;
  marked: string | null;
  anchor?: (node: HTMLElement | null) => void;
  label: string;
}): ReactNode {
  const cited = props.marked === null ? [] : citedRows(props.rows, props.marked);
  const whole = props.marked !== null && cited.length === 0;
  return (
    <Scroll
      ref={cited.length > 0 ? undefined : props.anchor}
      label={`Table: ${props.label.slice(0, 60)}`}
      className={`overflow-x-auto rounded-ctl border ${whole ? "cite-mark border-warn" : "border-line"}`}
    >
      {whole ? <p className="px-2 text-head font-semibold">Cited table</p> : null}
      <table className="w-full border-collapse text-compact">
        <tbody>
          {props.rows.map((row, at) => (
            <tr
              key={`${at.toString()}-${row[0]}`}
              ref={at === cited[0] ? props.anchor : undefined}
              className={`border-t border-line first:border-0 ${cited.includes(at) ? "cite-mark" : ""}`}
            >
              {row.map((cell, column) => {
                const text = cell === null ? "" : String(cell);
                return (
                  <td
                    key={`${column.toString()}-${text}`}
                    className={`px-2 py-1 align-top ${column > 0 && NUMERIC.test(text) ? "text-right whitespace-nowrap" : ""} ${at === 0 ? "font-semibold" : ""}`}
                  >
                    {text}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
