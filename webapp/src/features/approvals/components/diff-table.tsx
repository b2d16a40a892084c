import type { ReactNode } from "react";
import type { DiffRow } from "@/client/contract";
import { amount, formatChange, isCurrency } from "@/features/ui/format";
import { Scroll } from "@/features/ui/scroll";
import { type Column, Table } from "@/features/ui/table";

function delta(row: DiffRow): string {
  const change = row.after - row.before;
  return change === 0
    ? "same"
    : formatChange(change, isCurrency(row.unit) || !Number.isInteger(change) ? 2 : 0);
}

const LIMIT: Column<DiffRow> = { head: "Limit", cell: (row) => amount(row.limit, row.unit), right: true };

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
          { head: "Now", cell: (row) => amount(row.before, row.unit), right: true },
          {
            head: "Proposed",
            cell: (row) => <b className="font-semibold">{amount(row.after, row.unit)}</b>,
            right: true,
          },
          { head: "Change", cell: delta, right: true },
          ...(rows.some((row) => row.limit !== null) ? [LIMIT] : []),
        ]}
      />
    </Scroll>
  );
}
