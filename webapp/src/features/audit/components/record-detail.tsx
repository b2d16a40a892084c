"use client";
import type { ReactNode } from "react";
import type { AuditRecord, Proof } from "@/client/contract-desk";
import { useProof, useTamperTest } from "@/client/queries-desk";
import { Badge } from "@/features/ui/badge";
import { Button } from "@/features/ui/controls";
import { formatTime } from "@/features/ui/format";
import { Loaded, Panel } from "@/features/ui/panel";
import { useProofCheck } from "../hooks/use-proof-check";
import { VerifyResult } from "./audit-page";

export function RecordDetail({ seq, record }: { seq: number; record: AuditRecord | null }): ReactNode {
  const proof = useProof(seq);
  const tamper = useTamperTest();
  return (
    <Panel title={`Record #${seq}${record ? `, ${record.kind}` : ""}`}>
      <div className="flex flex-col gap-4 p-3">
        {record ? (
          <>
            <p className="text-compact text-fg2">
              Happened {formatTime(record.event_time)}, known {formatTime(record.knowledge_time)}
            </p>
            <pre className="max-h-72 overflow-auto rounded-ctl bg-s3 p-2 font-mono text-head" tabIndex={-1}>
              {JSON.stringify(record.body, null, 1)}
            </pre>
          </>
        ) : (
          <p className="text-compact text-fg2">
            This record is older than the loaded page; its proof is below.
          </p>
        )}
        <Loaded query={proof} label="the proof">
          {(data) => <ProofPath proof={data} />}
        </Loaded>
        <div className="flex flex-col gap-2">
          <Button disabled={tamper.isPending} onClick={() => tamper.mutate(seq)}>
            {tamper.isPending ? "Testing…" : "Spoil one byte of a copy"}
          </Button>
          <p className="text-head text-fg3">In memory only: the log itself is not touched.</p>
          {tamper.data ? <VerifyResult result={tamper.data} /> : null}
          {tamper.error ? <p className="text-down">✕ {tamper.error.message}</p> : null}
        </div>
      </div>
    </Panel>
  );
}

function ProofPath({ proof }: { proof: Proof }): ReactNode {
  const check = useProofCheck(proof);
  return (
    <section aria-label="Merkle proof" className="flex flex-col gap-1 text-compact">
      <h3 className="flex items-center gap-2 text-head font-semibold text-fg3">
        Proof among {proof.size} records{" "}
        {check.data === undefined ? (
          <Badge tone="off">not checked in this browser</Badge>
        ) : check.data ? (
          <Badge tone="pass">recomputed here: root matches</Badge>
        ) : (
          <Badge tone="fail">recomputed here: root differs</Badge>
        )}
      </h3>
      <ol className="flex flex-col gap-0.5 border-l-2 border-line pl-3">
        <li>
          leaf <code className="font-mono text-head break-all">{proof.leaf_hash}</code>
        </li>
        {proof.path.map((step, level) => (
          <li key={step.hash}>
            level {level + 1}, joined on the {step.side}:{" "}
            <code className="font-mono text-head break-all text-fg2">{step.hash}</code>
          </li>
        ))}
        <li>
          root <code className="font-mono text-head break-all">{proof.root}</code>
        </li>
      </ol>
    </section>
  );
}
