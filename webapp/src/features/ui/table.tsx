/** A plain data table: fixed rows, sticky head, numbers to the right. */
import type { ReactNode } from "react";

export interface Column<T> {
  head: string;
  cell: (row: T) => ReactNode;
  right?: boolean;
  /** Hidden under 640 px. */
  wide?: boolean;
  className?: string;
}

export function Table<T>({
  caption,
  columns,
  rows,
  rowKey,
  selected,
  rowClass,
}: {
  caption: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  selected?: string | null;
  rowClass?: (row: T) => string;
}): ReactNode {
  return (
    <table className="w-full border-collapse text-compact">
      <caption className="sr-only">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th
              key={column.head}
              scope="col"
              className={`sticky top-0 z-1 h-7 bg-s2 px-2 text-head text-fg3 whitespace-nowrap ${
                column.right ? "text-right" : "text-left"
              } ${column.wide ? "max-sm:hidden" : ""}`}
            >
              {column.head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const key = rowKey(row);
          return (
            <tr
              key={key}
              className={`h-7 max-sm:h-11 border-t border-line ${key === selected ? "bg-s3" : "hover:bg-s2"} ${rowClass?.(row) ?? ""}`}
            >
              {columns.map((column) => (
                <td
                  key={column.head}
                  className={`px-2 ${column.right ? "text-right whitespace-nowrap" : ""} ${
                    column.wide ? "max-sm:hidden" : ""
                  } ${column.className ?? ""}`}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
