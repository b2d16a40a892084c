"use client";
import { type ReactNode, useState } from "react";
import { useFilings } from "@/client/queries-desk";
import { INPUT } from "@/features/ui/controls";
import { formatDate } from "@/features/ui/format";
import { Loaded, Panel } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";
import { useQueryParam } from "@/features/ui/use-query-param";
import { Reader } from "./reader";

export function FilingsPage(): ReactNode {
  const [id, setId] = useQueryParam("id");
  return id ? <Reader key={id} id={id} onClose={() => setId(null)} /> : <FilingList onOpen={setId} />;
}

function FilingList({ onOpen }: { onOpen: (id: string) => void }): ReactNode {
  const query = useFilings();
  const [wanted] = useQueryParam("find");
  const [find, setFind] = useState(wanted ?? "");
  const needle = find.trim().toLowerCase();
  return (
    <Panel
      title="Filings"
      className="lg:h-full"
      aside={
        <input
          aria-label="Filter by company, form or period"
          placeholder="Company, form, period"
          className={`${INPUT} h-7! w-56! text-compact!`}
          value={find}
          onChange={(event) => setFind(event.target.value)}
        />
      }
    >
      <h1 className="sr-only">Filings</h1>
      <Loaded
        query={query}
        label="filings"
        isEmpty={(data) => data.length === 0}
        empty="No filings are indexed. “tenor ingest filings TICKER” brings one in."
      >
        {(filings) => {
          const rows = filings.filter((row) =>
            `${row.id} ${row.title} ${row.company} ${row.form} ${row.period}`.toLowerCase().includes(needle),
          );
          return rows.length === 0 ? (
            <p className="p-4 text-fg2">
              No filing matches “{find}”: {filings.length} are indexed. Clear the filter.
            </p>
          ) : (
            <Table
              caption="Indexed filings"
              rows={rows}
              rowKey={(row) => row.id}
              columns={[
                {
                  head: "Filing",
                  cell: (row) => (
                    <button
                      type="button"
                      onClick={() => onOpen(row.id)}
                      className="min-h-6 text-left text-accent underline"
                    >
                      {row.title}
                    </button>
                  ),
                },
                { head: "Company", cell: (row) => row.company, wide: true },
                { head: "Form", cell: (row) => row.form },
                { head: "Period", cell: (row) => row.period ?? "—" },
                { head: "Filed", cell: (row) => formatDate(row.filed), right: true, wide: true },
              ]}
            />
          );
        }}
      </Loaded>
    </Panel>
  );
}
