import { type ReactNode, useState } from "react";
import type { Instrument } from "@/client/contract";
import {
  useCancelStudy,
  useRemoveStudy,
  useResearch,
  useStartStudy,
  useStudies,
  useStudy,
} from "@/client/queries-research";
import { Badge, StateBadge } from "@/features/ui/badge";
import { Button } from "@/features/ui/controls";
import { formatTime } from "@/features/ui/format";
import { Icon } from "@/features/ui/icons";
import { Empty, Loaded, Panel, Trouble } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";
import { useQueryParam } from "@/features/ui/use-query-param";
import { EMPTY_STUDY, fieldsOf, type StudyFields, stepOf, stepStates } from "../lib/form";
import { StudyForm } from "./study-form";
import { StudyResultView } from "./study-result";
import { StudySteps } from "./study-steps";

/** From data to tear sheet: the form, where the study stands, and what it came to. */
export function StudyView({ instruments }: { instruments: Instrument[] }): ReactNode {
  const research = useResearch();
  const studies = useStudies();
  const [picked, pick] = useQueryParam("study");
  const study = useStudy(picked);
  const start = useStartStudy();
  const cancel = useCancelStudy();
  const drop = useRemoveStudy();
  const [typed, setTyped] = useState<StudyFields | null>(null);
  const shown = picked ? study.data : undefined;
  const fields = typed ?? (shown ? fieldsOf(shown.asked) : EMPTY_STUDY);
  const open = (id: string) => {
    setTyped(null);
    pick(id);
  };
  return (
    <div className="grid min-h-0 grid-cols-1 gap-2 lg:flex-1 lg:grid-cols-[minmax(0,1fr)_minmax(0,1.6fr)] lg:grid-rows-[minmax(0,1fr)_minmax(0,14rem)]">
      <Panel title="Study builder">
        <StudySteps states={stepStates(fields.picked.length > 0, shown)} />
        <Loaded query={research} label="strategies">
          {(data) => (
            <StudyForm
              instruments={instruments}
              strategies={data.strategies}
              fields={fields}
              change={(part) => setTyped({ ...fields, ...part })}
              pending={start.isPending || shown?.state === "running"}
              onAsk={(form) => start.mutate(form, { onSuccess: (made) => made && pick(made.id) })}
            />
          )}
        </Loaded>
        {start.error ? <Trouble error={start.error} /> : null}
      </Panel>
      <Panel
        title="Tear sheet"
        className="lg:row-span-2"
        aside={
          <>
            <Badge tone="sim">Simulated, past prices</Badge>
            {shown?.state === "running" ? (
              <Button onClick={() => cancel.mutate(shown.id)} disabled={cancel.isPending}>
                Cancel
              </Button>
            ) : null}
          </>
        }
      >
        {picked === null ? (
          <Empty>
            Choose data and a signal, then run the study. It trades at the next close, after costs, through a
            private copy of the desk’s gate. “tenor backtest” does the same from the shell.
          </Empty>
        ) : (
          <Loaded query={study} label="the study">
            {(data) => (
              <>
                {data.state === "running" ? (
                  <p role="status" className="p-4 text-desk text-fg2">
                    Running: {stepOf(data).words}
                    {data.runs > 1 ? `, pass ${data.runs} over the days` : ""}…
                  </p>
                ) : null}
                {data.state === "cancelled" ? <Empty>Cancelled. Run it again any time.</Empty> : null}
                {data.state === "failed" ? <Trouble error={new Error(data.error)} /> : null}
                {data.result ? <StudyResultView id={data.id} result={data.result} /> : null}
              </>
            )}
          </Loaded>
        )}
      </Panel>
      <Panel title="Your studies, newest first">
        <Loaded
          query={studies}
          label="studies"
          isEmpty={(data) => data.length === 0}
          empty="No studies yet. The newest forty are kept."
        >
          {(data) => (
            <Table
              caption="Studies"
              rows={data}
              rowKey={(row) => row.id}
              selected={picked}
              columns={[
                {
                  head: "Study",
                  cell: (row) => (
                    <button
                      type="button"
                      className="min-h-6 text-left text-accent underline"
                      onClick={() => open(row.id)}
                    >
                      {row.asked.strategy.replaceAll("_", " ")} on {nameOf(row.asked.instruments)}
                    </button>
                  ),
                },
                { head: "State", cell: (row) => <StateBadge state={row.state} /> },
                { head: "Asked", cell: (row) => formatTime(row.at), right: true, wide: true },
                {
                  head: "Remove",
                  cell: (row) => (
                    <Button
                      look="quiet"
                      aria-label={`Remove study ${row.id}`}
                      disabled={row.state === "running" || drop.isPending}
                      onClick={() =>
                        drop.mutate(row.id, { onSuccess: () => (row.id === picked ? pick(null) : undefined) })
                      }
                    >
                      <Icon name="trash" />
                    </Button>
                  ),
                  right: true,
                },
              ]}
            />
          )}
        </Loaded>
      </Panel>
    </div>
  );
}

function nameOf(ids: string[]): string {
  const short = ids.map((id) => id.split(":").at(-1) ?? id);
  return short.length > 3 ? `${short.slice(0, 3).join(", ")} and ${short.length - 3} more` : short.join(", ");
}
