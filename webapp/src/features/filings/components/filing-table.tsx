import type { ReactNode } from "react";
import type { FilingBlock, FilingCell } from "@/client/contract-desk";
import { Scroll } from "@/features/ui/scroll";
import { cellName } from "../lib/address";
import { citedRows } from "../lib/passage";
import { headRows, periodsOf, plainValue, unitsOf } from "../lib/table";
import type { OnCell } from "./blocks";

const NUMERIC = /^[\s$€£()%+\-\u2212–—.,\d]+$/;
type Rows = NonNullable<FilingBlock["rows"]>;

/** A table as it is printed, with its units and the period of each column; each figure opens its value and place. */
export function FilingTable(props: {
  rows: Rows;
  cells: FilingCell[];
  marked: string | null;
  anchor: ((node: HTMLElement | null) => void) | undefined;
  label: string;
  chosen: string | null;
  onCell: OnCell;
}): ReactNode {
  const { rows, cells, anchor } = props;
  const cited = props.marked === null ? [] : citedRows(rows, props.marked);
  const whole = props.marked !== null && cited.length === 0;
  const heads = headRows(rows, cells);
  const row = (at: number) => (
    <Row
      key={at.toString()}
      row={rows[at] ?? []}
      head={at < heads}
      cells={cells.filter((cell) => cell.row === at)}
      cited={cited.includes(at)}
      anchor={at === cited[0] ? anchor : undefined}
      chosen={props.chosen}
      onCell={props.onCell}
    />
  );
  const numbers = rows.map((_, at) => at);
  return (
    <figure className="flex min-w-0 flex-col gap-1">
      <Scroll
        ref={cited.length > 0 ? undefined : anchor}
        label={`Table: ${props.label.slice(0, 60)}`}
        className={`overflow-x-auto rounded-ctl border ${whole ? "cite-mark border-warn" : "border-line"}`}
      >
        {whole ? <p className="px-2 text-head font-semibold">Cited table</p> : null}
        <table className="w-full border-collapse text-compact">
          <thead>
            {numbers.filter((at) => at < heads).map(row)}
            <Periods cells={cells} wide={Math.max(...rows.map((each) => each.length))} />
          </thead>
          <tbody>{numbers.filter((at) => at >= heads).map(row)}</tbody>
        </table>
      </Scroll>
      {cells.length > 0 ? (
        <figcaption className="text-head text-fg3">
          {unitsOf(cells) || "no unit printed"} · click a figure for its value and address
        </figcaption>
      ) : null}
    </figure>
  );
}

function Periods({ cells, wide }: { cells: FilingCell[]; wide: number }): ReactNode {
  if (cells.length === 0) return null;
  const periods = periodsOf(cells);
  return (
    <tr className="border-t border-line bg-s2">
      {Array.from({ length: wide }, (_, column) => (
        <td
          key={column.toString()}
          className={`px-2 py-0.5 text-head text-fg3 ${periods.has(column) ? "text-right" : ""}`}
        >
          {column === 0 ? "Period" : periods.get(column)?.replaceAll("-", "\u2011")}
        </td>
      ))}
    </tr>
  );
}

function Row(props: {
  row: Rows[number];
  head: boolean;
  cells: FilingCell[];
  cited: boolean;
  anchor: ((node: HTMLElement | null) => void) | undefined;
  chosen: string | null;
  onCell: OnCell;
}): ReactNode {
  return (
    <tr
      ref={props.anchor}
      className={`border-t border-line first:border-0 ${props.cited ? "cite-mark" : ""}`}
    >
      {props.row.map((cell, column) => {
        const text = cell === null ? "" : String(cell);
        const key = `${column.toString()}-${text}`;
        const figure = props.cells.find((each) => each.column === column);
        const right = column > 0 && NUMERIC.test(text) ? "text-right whitespace-nowrap" : "";
        if (figure) {
          return (
            <td key={key} className="p-0 text-right whitespace-nowrap">
              <Figure figure={figure} text={text} chosen={props.chosen} onCell={props.onCell} />
            </td>
          );
        }
        if (props.head && text) {
          return (
            <th
              key={key}
              scope="col"
              className={`px-2 py-1 align-bottom font-semibold ${column > 0 ? "text-right" : "text-left"}`}
            >
              {text}
            </th>
          );
        }
        return column === 0 && text ? (
          <th key={key} scope="row" className="px-2 py-1 text-left align-top font-normal">
            {text}
          </th>
        ) : (
          <td key={key} className={`px-2 py-1 align-top ${right}`}>
            {text}
          </td>
        );
      })}
    </tr>
  );
}

function Figure(props: {
  figure: FilingCell;
  text: string;
  chosen: string | null;
  onCell: OnCell;
}): ReactNode {
  const { figure } = props;
  const name = cellName(figure);
  const says = `${figure.group ? `${figure.group} ` : ""}${figure.label}, ${figure.period}: ${plainValue(figure.value)} ${figure.unit}`;
  return (
    <button
      type="button"
      title={says}
      aria-label={says}
      aria-pressed={name === props.chosen}
      onClick={() => props.onCell(figure, name)}
      className="min-h-6 w-full px-2 py-1 text-right -outline-offset-2 hover:bg-s3 hover:underline aria-pressed:outline-2 aria-pressed:outline-accent aria-pressed:outline"
    >
      {props.text}
    </button>
  );
}
