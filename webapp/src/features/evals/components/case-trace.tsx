"use client";
import type { ReactNode } from "react";
import type { CaseResult } from "@/client/queries-evals";
import { number, rows, text, texts } from "@/features/chat/lib/card";
import { Button } from "@/features/ui/controls";
import { Dialog } from "@/features/ui/dialog";
import { formatMs, formatPlain } from "@/features/ui/format";

/** A case that failed, with how its answer came about. */
export function CaseTrace(props: { case: CaseResult | null; onClose: () => void }): ReactNode {
  const shown = props.case;
  return (
    <Dialog open={shown !== null} onOpenChange={props.onClose} title={`Case ${shown?.id ?? ""}`}>
      {shown ? (
        <div className="flex flex-col gap-3 text-compact">
          <p className="text-down">✕ {shown.reason}</p>
          {shown.trace ? <Trace trace={shown.trace as Record<string, unknown>} /> : <p>No trace was kept.</p>}
        </div>
      ) : null}
    </Dialog>
  );
}

function Trace({ trace }: { trace: Record<string, unknown> }): ReactNode {
  const parts = rows(trace.parts);
  const facts = rows(trace.facts);
  return (
    <>
      <Named name="Question">{text(trace.question)}</Named>
      {trace.answer === undefined ? null : (
        <Named name="Answer">{text(trace.answer) || "nothing was said"}</Named>
      )}
      <Named name="Agents">{texts(trace.agents).join(", ") || "none"}</Named>
      {parts.length > 0 ? (
        <ol className="flex flex-col gap-2" aria-label="Steps">
          {parts.map((part) => (
            <li key={text(part.agent)}>
              <b className="font-medium">{text(part.agent).replaceAll("_", " ")}</b>{" "}
              <span className="text-fg2">
                {text(part.prompt)}, {formatMs(number(part.ms))}
              </span>
              <ul className="list-disc pl-5">
                {rows(part.tools).map((tool, at) => (
                  <li key={`${text(tool.tool)}-${at.toString()}`}>
                    {text(tool.tool)}{" "}
                    <span className="break-all font-mono text-head">{text(tool.arguments)}</span>
                    {text(tool.error) ? <span className="text-down"> ✕ {text(tool.error)}</span> : null}
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ol>
      ) : null}
      {facts.length > 0 ? (
        <Named name="Facts">
          {facts
            .map((fact) => `${text(fact.label) || text(fact.id)}: ${formatPlain(number(fact.value))}`)
            .join("; ")}
        </Named>
      ) : null}
      <details>
        <summary className="cursor-pointer text-fg2">The whole trace</summary>
        <pre className="overflow-x-auto rounded-ctl bg-s3 p-2 font-mono text-head">
          {JSON.stringify(trace, null, 1)}
        </pre>
      </details>
    </>
  );
}

const Named = ({ name, children }: { name: string; children: ReactNode }): ReactNode => (
  <p className="break-words">
    <span className="text-fg2">{name}: </span>
    {children}
  </p>
);

export function OpenCase(props: { id: string; onOpen: () => void }): ReactNode {
  return (
    <Button look="quiet" aria-label={`Open the case ${props.id}`} onClick={props.onOpen}>
      Open
    </Button>
  );
}
