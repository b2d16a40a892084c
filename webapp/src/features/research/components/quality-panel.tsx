import { type ReactNode, useState } from "react";
import { type Quality, useQuality } from "@/client/queries-research";
import { Badge } from "@/features/ui/badge";
import { Field, INPUT } from "@/features/ui/controls";
import { formatDate } from "@/features/ui/format";
import { Empty, Loaded, Panel } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";

const MILD = new Set(["zero_volume"]);

/** What is odd in the prices, by instrument, where they come from and under which licence. */
export function QualityPanel(): ReactNode {
  const quality = useQuality();
  const [about, setAbout] = useState("");
  return (
    <div className="grid min-h-0 grid-cols-1 gap-2 lg:flex-1 lg:grid-cols-[minmax(0,1.4fr)_minmax(0,1fr)]">
      <Panel
        title="Series and their origin"
        aside={
          quality.data ? (
            <Badge tone={quality.data.live ? "linked" : "sim"}>
              {quality.data.live ? "live sources" : "history in the box"}
            </Badge>
          ) : null
        }
      >
        <Loaded
          query={quality}
          label="the judgement of all series"
          isEmpty={(data) => data.series.length === 0}
          empty="No bars are kept yet; “tenor market backfill” brings them."
        >
          {(data) => <Series data={data} about={about} pick={setAbout} />}
        </Loaded>
      </Panel>
      <Panel title="What is odd">
        <Loaded query={quality} label="findings">
          {(data) => <Findings data={data} about={about} pick={setAbout} />}
        </Loaded>
      </Panel>
    </div>
  );
}

function Series({
  data,
  about,
  pick,
}: {
  data: Quality;
  about: string;
  pick: (id: string) => void;
}): ReactNode {
  return (
    <>
      {data.sources.length > 0 ? (
        <p className="flex flex-wrap gap-2 p-3 text-compact">
          {data.sources.map((each) => (
            <Badge key={each.name} tone={each.why ? "warn" : "linked"} title={each.why}>
              {each.name}: {each.state}
            </Badge>
          ))}
        </p>
      ) : null}
      <Table
        caption="Series"
        rows={data.series}
        rowKey={(row) => row.instrument}
        selected={about}
        columns={[
          {
            head: "Instrument",
            cell: (row) => (
              <button
                type="button"
                aria-pressed={row.instrument === about}
                className="min-h-6 text-left text-accent underline"
                onClick={() => pick(row.instrument === about ? "" : row.instrument)}
              >
                {row.name}
              </button>
            ),
          },
          { head: "Findings", cell: (row) => <Found counts={row.findings} /> },
          {
            head: "Days",
            cell: (row) => row.rows.toLocaleString("en-US"),
            right: true,
            wide: true,
          },
          { head: "To", cell: (row) => formatDate(row.last), right: true },
          {
            head: "Origin, licence",
            cell: (row) => (
              <span className="block py-1 text-fg2">
                {row.origin || "live"}, {row.licence || "as the source says"}
                <span className="block text-head text-fg3">
                  {row.label}
                  {row.note ? `; ${row.note}` : ""}
                </span>
              </span>
            ),
            wide: true,
          },
        ]}
      />
    </>
  );
}

function Found({ counts }: { counts: Record<string, number> }): ReactNode {
  const all = Object.entries(counts);
  if (all.length === 0) return <Badge tone="pass">nothing odd</Badge>;
  return (
    <span className="flex flex-wrap gap-1">
      {all.map(([kind, count]) => (
        <Badge key={kind} tone={MILD.has(kind) ? "quiet" : "warn"}>
          {count} {kind.replaceAll("_", " ")}
        </Badge>
      ))}
    </span>
  );
}

function Findings({
  data,
  about,
  pick,
}: {
  data: Quality;
  about: string;
  pick: (id: string) => void;
}): ReactNode {
  const shown = data.findings.filter((each) => about === "" || each.instrument === about);
  return (
    <div className="flex flex-col gap-2">
      <div className="p-3 pb-0">
        <Field
          label="Instrument"
          hint="Nothing is corrected: a finding is a hint for a person or a backfill."
        >
          <select className={INPUT} value={about} onChange={({ target }) => pick(target.value)}>
            <option value="">all, {data.total} findings</option>
            {data.series.map((each) => (
              <option key={each.instrument} value={each.instrument}>
                {each.name}
              </option>
            ))}
          </select>
        </Field>
      </div>
      {shown.length === 0 ? (
        <Empty>Nothing odd here.</Empty>
      ) : (
        <Table
          caption="Findings, newest first"
          rows={shown.map((each, place) => ({ ...each, place }))}
          rowKey={(row) => String(row.place)}
          columns={[
            { head: "From", cell: (row) => formatDate(row.start) },
            { head: "Kind", cell: (row) => row.kind.replaceAll("_", " ") },
            { head: "Instrument", cell: (row) => row.instrument.split(":").at(-1), wide: true },
            { head: "What", cell: (row) => row.detail },
          ]}
        />
      )}
      {data.total > data.findings.length ? (
        <p className="p-3 text-head text-fg3">
          The newest {data.findings.length} of {data.total}; “tenor market check” lists all.
        </p>
      ) : null}
    </div>
  );
}
