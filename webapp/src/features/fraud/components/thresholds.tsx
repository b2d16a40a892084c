"use client";
import { type ReactNode, useState } from "react";
import type { ThresholdVersion } from "@/client/contract-desk";
import { useThresholdStep, useThresholds } from "@/client/queries-fraud";
import { usePerson } from "@/features/shell/components/person";
import { Button } from "@/features/ui/controls";
import { Confirm } from "@/features/ui/dialog";
import { formatNumber } from "@/features/ui/format";
import { Loaded, Panel, Trouble } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";

/** The levels from which alerts are raised: what verdicts say of them, the proposal that waits, and the way back. */
export function ThresholdsPanel(): ReactNode {
  const query = useThresholds();
  const person = usePerson();
  const step = useThresholdStep();
  const [back, setBack] = useState<number | null>(null);
  const may = person.role === "compliance";
  const close = () => {
    setBack(null);
    step.reset();
  };
  return (
    <Panel title="Thresholds" className="max-lg:max-h-80">
      <Loaded query={query} label="the thresholds">
        {(data) => {
          const waiting = data.versions.findLast((each) => ["waiting", "accepted"].includes(each.state));
          return (
            <div className="flex flex-col gap-3 p-3 text-compact">
              <p>
                Version {data.in_force} is in force. An alert is raised from a score of{" "}
                {formatNumber(data.report_from)}, where the version names no other level. A step needs{" "}
                {data.policy.least} verdicts and two officers, and keeps{" "}
                {formatNumber(100 * data.policy.recall_floor, 0)} % of what was confirmed.
              </p>
              <Table
                caption="What verdicts say of the levels"
                rows={data.verdicts}
                rowKey={(row) => row.typology}
                columns={[
                  { head: "Typology", cell: (row) => row.typology.replaceAll("_", " ") },
                  {
                    head: "Level",
                    cell: (row) => `${formatNumber(row.before)} → ${formatNumber(row.after)}`,
                    right: true,
                  },
                  { head: "Confirmed", cell: (row) => formatNumber(row.confirmed, 0), right: true },
                  { head: "Cleared", cell: (row) => formatNumber(row.cleared, 0), right: true },
                  { head: "Why", cell: (row) => row.why, wide: true },
                ]}
              />
              {data.verdicts.length === 0 ? <p>No case was closed with a verdict yet.</p> : null}
              {waiting ? <Proposal one={waiting} /> : null}
              {step.error && back === null ? <Trouble error={step.error} /> : null}
              {may ? (
                <div className="flex flex-wrap gap-2">
                  <Button disabled={step.isPending} onClick={() => step.mutate({ step: "propose" })}>
                    Propose a step
                  </Button>
                  {waiting ? (
                    <Button
                      disabled={step.isPending || waiting.accepted_by === person.name}
                      onClick={() => step.mutate({ step: "accept", id: waiting.id })}
                    >
                      {waiting.accepted_by ? "Confirm as second person" : "Accept"}
                    </Button>
                  ) : null}
                  {data.versions
                    .filter((each) => each.state === "in_force" && each.version !== data.in_force)
                    .map((each) => (
                      <Button key={each.version} look="quiet" onClick={() => setBack(each.version)}>
                        Back to version {each.version}…
                      </Button>
                    ))}
                </div>
              ) : null}
              {back === null ? null : (
                <Confirm
                  open
                  onOpenChange={close}
                  title={`Go back to version ${back}?`}
                  verb="Propose to go back"
                  consequence="It is a proposal with your vote; a second officer puts it in force."
                  look="primary"
                  reason="required"
                  pending={step.isPending}
                  error={step.error}
                  onConfirm={(reason) =>
                    step.mutate({ step: "undo", version: back, reason }, { onSuccess: close })
                  }
                />
              )}
            </div>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function Proposal({ one }: { one: ThresholdVersion }): ReactNode {
  return (
    <section aria-label="The proposal that waits">
      <h3 className="font-semibold">
        Proposal {one.id} by {one.proposed_by}
        {one.accepted_by ? `, accepted by ${one.accepted_by}` : ""}
      </h3>
      <ul className="list-disc pl-5">
        {one.why.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}
