"use client";
import type { ReactNode } from "react";
import type { AlertDetail } from "@/client/contract-desk";
import { formatNumber, formatTime } from "@/features/ui/format";
import { Table } from "@/features/ui/table";
import { worth } from "../lib/worth";

const HEAD = "mb-1 text-head font-semibold text-fg3";

/** What stands beside the alert: next checks, running amounts, parties, like cases, and the draft to take away. */
export function CaseFile({ alert }: { alert: AlertDetail }): ReactNode {
  const report = `/v1/fraud/alerts/${encodeURIComponent(alert.id)}/report`;
  return (
    <div className="flex flex-col gap-4">
      {alert.kind === "market" ? null : (
        <section>
          <h3 className={HEAD}>Time line</h3>
          <Table
            caption="Payments in order with running amounts"
            rows={alert.timeline}
            rowKey={(row) => row.edge}
            columns={[
              { head: "Time", cell: (row) => formatTime(row.time) },
              { head: "From", cell: (row) => row.source },
              { head: "To", cell: (row) => row.target },
              { head: `Amount ${alert.currency}`, cell: (row) => formatNumber(row.amount), right: true },
              { head: "Sum so far", cell: (row) => formatNumber(row.moved), right: true },
              { head: "Receiver holds", cell: (row) => formatNumber(row.held), right: true },
            ]}
          />
        </section>
      )}
      <div className="grid grid-cols-1 gap-4 xl:grid-cols-2">
        <Sentences title="What would confirm it" lines={alert.checks.confirm} />
        <Sentences title="What would clear it" lines={alert.checks.clear} />
      </div>
      <section>
        <h3 className={HEAD}>Parties</h3>
        <Table
          caption="What the desk knows of the parties"
          rows={alert.parties}
          rowKey={(row) => row.account}
          columns={[
            { head: "Account", cell: (row) => row.account },
            { head: "Identification", cell: (row) => row.kyc },
            { head: "Sanctions", cell: (row) => row.sanctions },
            { head: "Why", cell: (row) => row.why, wide: true },
          ]}
        />
      </section>
      <section>
        <h3 className={HEAD}>Like cases before</h3>
        {alert.similar.length === 0 ? (
          <p className="text-compact text-fg2">No earlier case resembles this one.</p>
        ) : (
          <ul className="text-desk">
            {alert.similar.map((one) => (
              <li key={one.id}>
                {one.id} ({one.state}, {worth({ amount: one.amount, currency: alert.currency })}):{" "}
                {one.why.join(" ")}
              </li>
            ))}
          </ul>
        )}
      </section>
      <p className="flex gap-4 text-desk">
        <a className="text-accent underline" href={`${report}?format=pdf`} download>
          Draft report, PDF
        </a>
        <a className="text-accent underline" href={`${report}?format=json`} download>
          Draft report, JSON
        </a>
      </p>
    </div>
  );
}

function Sentences({ title, lines }: { title: string; lines: string[] }): ReactNode {
  return (
    <section>
      <h3 className={HEAD}>{title}</h3>
      <ul className="list-disc pl-5 text-desk">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}
