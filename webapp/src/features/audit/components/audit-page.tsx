"use client";
import { type ReactNode, useState } from "react";
import type { AuditRecord, AuditPage as Page, Verification } from "@/client/contract-desk";
import { useAuditRecords, useVerify } from "@/client/queries-desk";
import { Badge } from "@/features/ui/badge";
import { Button, INPUT } from "@/features/ui/controls";
import { formatMs, formatNumber, formatTime, shortHash } from "@/features/ui/format";
import { Empty, Panel, Skeleton, Trouble } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";
import { useQueryParam } from "@/features/ui/use-query-param";
import { RecordDetail } from "./record-detail";

export function AuditPage(): ReactNode {
  const [kind, setKind] = useState("");
  const [picked, setPicked] = useQueryParam("seq");
  const query = useAuditRecords(kind);
  const records = query.data?.pages.flatMap((page) => page.records) ?? [];
  const head = query.data?.pages[0]?.head;
  const seq = picked === null ? null : Number(picked);
  return (
    <div className="grid grid-cols-1 gap-2 lg:h-full lg:grid-cols-[minmax(0,1fr)_440px] lg:grid-rows-[auto_minmax(0,1fr)]">
      <h1 className="sr-only">Audit</h1>
      <HeadPanel head={head} />
      <Panel
        title="Records, newest first"
        aside={
          <input
            aria-label="Only this kind of record"
            placeholder="Kind, exact"
            className={`${INPUT} h-7! w-40! text-compact!`}
            defaultValue={kind}
            onKeyDown={(event) => {
              if (event.key === "Enter") setKind(event.currentTarget.value.trim());
            }}
            onBlur={(event) => setKind(event.currentTarget.value.trim())}
          />
        }
      >
        {query.isPending ? <Skeleton label="the records" /> : null}
        {query.error ? <Trouble error={query.error} retry={() => void query.refetch()} /> : null}
        {query.data && records.length === 0 ? (
          <Empty>
            {kind
              ? `No record of kind “${kind}”. Clear the filter.`
              : "The log is empty. Any action writes one."}
          </Empty>
        ) : null}
        {records.length > 0 ? <Records records={records} picked={picked} onPick={setPicked} /> : null}
        {query.hasNextPage ? (
          <div className="p-3">
            <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {query.isFetchingNextPage ? "Loading…" : "Older records"}
            </Button>
          </div>
        ) : null}
      </Panel>
      {seq !== null && Number.isInteger(seq) ? (
        <RecordDetail key={seq} seq={seq} record={records.find((each) => each.seq === seq) ?? null} />
      ) : (
        <Panel title="One record">
          <Empty>Choose a record to see its body and its proof in the Merkle tree.</Empty>
        </Panel>
      )}
    </div>
  );
}

function Records(props: {
  records: AuditRecord[];
  picked: string | null;
  onPick: (seq: string) => void;
}): ReactNode {
  return (
    <Table
      caption="Audit records"
      rows={props.records}
      rowKey={(row) => String(row.seq)}
      selected={props.picked}
      columns={[
        {
          head: "Seq",
          cell: (row) => (
            <button
              type="button"
              className="min-h-6 text-accent underline"
              onClick={() => props.onPick(String(row.seq))}
            >
              #{formatNumber(row.seq, 0)}
            </button>
          ),
        },
        { head: "Kind", cell: (row) => row.kind },
        { head: "Subject", cell: (row) => row.subject ?? "—" },
        { head: "Event time", cell: (row) => formatTime(row.event_time), wide: true },
        { head: "Known at", cell: (row) => formatTime(row.knowledge_time), wide: true },
        {
          head: "Leaf hash",
          cell: (row) => <code className="font-mono text-head">{shortHash(row.leaf_hash)}</code>,
          wide: true,
        },
      ]}
    />
  );
}

export function VerifyResult({ result }: { result: Verification }): ReactNode {
  return (
    <span role="status" className="flex flex-wrap items-center gap-2 text-compact">
      {result.ok ? <Badge tone="pass">VERIFIED</Badge> : <Badge tone="fail">DIFFERS</Badge>}
      {formatNumber(result.records, 0)} records in {formatMs(result.ms)}
      {result.first_bad ? `; first bad #${result.first_bad.seq}: ${result.first_bad.why}` : ""}
    </span>
  );
}

function HeadPanel({ head }: { head: Page["head"] | undefined }): ReactNode {
  const verify = useVerify();
  return (
    <section
      aria-label="Log head"
      className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-card border border-line bg-s1 p-3 text-compact lg:col-span-2"
    >
      {head ? (
        <>
          <span>
            <b className="font-semibold">{formatNumber(head.size, 0)}</b> records
          </span>
          <span title={head.root}>
            root <code className="font-mono">{shortHash(head.root)}</code>
          </span>
          <span className="text-fg2">signed {formatTime(head.time)}</span>
          {head.key ? (
            <span className="text-fg2" title={head.key}>
              key <code className="font-mono">{shortHash(head.key)}</code>
            </span>
          ) : null}
        </>
      ) : (
        <span className="text-fg2">No signed head yet.</span>
      )}
      {verify.data ? <VerifyResult result={verify.data} /> : null}
      {verify.error ? <span className="text-down">✕ {verify.error.message}</span> : null}
      <div className="ml-auto flex gap-2">
        <a
          href="/v1/audit/export"
          download
          className="inline-flex h-8 max-sm:h-11 items-center rounded-ctl border border-edge px-3 font-medium hover:bg-s3"
        >
          Export
        </a>
        <Button look="primary" disabled={verify.isPending} onClick={() => verify.mutate()}>
          {verify.isPending ? "Verifying…" : "Verify the whole log"}
        </Button>
      </div>
    </section>
  );
}
