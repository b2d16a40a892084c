import type { ReactNode } from "react";
import type { DiffRow } from "@/client/contract";
import { formatChange, formatPlain } from "@/features/ui/format";
import { Scroll } from "@/features/ui/scroll";
import { Table } from "@/features/ui/table";

function delta(row: DiffRow): string {
  if (typeof row.before !== "number" || typeof row.after !== "number") return "";
  const change = row.after - row.before;
  return change === 0 ? "same" : formatChange(change, Number.isInteger(change) ? 0 : 2);
}

export function DiffTable({ rows }: { rows: DiffRow[] }): ReactNode {
  if (rows.length === 0) return <p className="text-compact text-fg2">The server sent no differences.</p>;
  return (
    <Scroll label="What changes" className="overflow-x-auto">
      <Table
        caption="Now, proposed, and the limit"
        rows={rows}
        rowKey={(row) => row.field}
        columns={[
          {
            head: "Field",
            cell: (row) => (
              <>
                {row.field.replaceAll("_", " ")} <span className="text-fg3">{row.unit}</span>
              </>
            ),
          },
          { head: "Now", cell: (row) => formatPlain(row.before), right: true },
          {
            head: "Proposed",
            cell: (row) => <b className="font-semibold">{formatPlain(row.after)}</b>,
            right: true,
          },
          { head: "Change", cell: delta, right: true },
          { head: "Limit", cell: (row) => formatPlain(row.limit), right: true },
        ]}
      />
    </Scroll>
  );
}
