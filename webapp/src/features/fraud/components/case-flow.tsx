"use client";
import { type ReactNode, useMemo, useState } from "react";
import type { AlertDetail, AlertEdge } from "@/client/contract-desk";
import { Choice } from "@/features/ui/controls";
import { formatNumber, formatTime } from "@/features/ui/format";
import { Scroll } from "@/features/ui/scroll";
import { Table } from "@/features/ui/table";
import { momentsOf, standingAt } from "../lib/moments";
import { CaseGraph } from "./case-graph";
import { TimeSlider } from "./time-slider";

type Lit = "all" | "path";

interface Picking {
  alert: AlertDetail;
  picked: readonly string[];
  onPick: (edge: string) => void;
}

/** The flow of the case with a time slider: the picture and the table say the same, both dim what came later. */
export function CaseFlow({ alert, picked, onPick }: Picking): ReactNode {
  const moments = useMemo(() => momentsOf(alert.edges), [alert.edges]);
  const [moved, setMoved] = useState<number | null>(null);
  const [lit, setLit] = useState<Lit>("all");
  const at = Math.min(moved ?? moments.length - 1, moments.length - 1);
  const standing = useMemo(
    () => standingAt(alert.edges, moments[at] ?? alert.end),
    [alert.edges, alert.end, moments, at],
  );
  const dim = useMemo(() => {
    const path = new Set(alert.path);
    const off = lit === "path" ? alert.edges.filter((edge) => !path.has(edge.id)) : [];
    return new Set([...standing.later, ...off.map((edge) => edge.id)]);
  }, [alert.edges, alert.path, lit, standing]);
  return (
    <section className="flex flex-col gap-2">
      <div className="flex flex-wrap items-start gap-4">
        {moments.length > 1 ? (
          <div className="min-w-64 flex-1">
            <TimeSlider
              moments={moments}
              at={at}
              standing={standing}
              of={alert.edges.length}
              currency={alert.currency}
              onMove={setMoved}
            />
          </div>
        ) : null}
        {alert.path.length > 0 ? (
          <Choice<Lit>
            label="What is lit"
            value={lit}
            onChange={setLit}
            options={[
              { value: "all", label: "All transfers" },
              { value: "path", label: "Path only" },
            ]}
          />
        ) : null}
      </div>
      <div className="grid grid-cols-1 gap-4 2xl:grid-cols-2">
        <CaseGraph alert={alert} picked={picked} dim={dim} amounts onPick={onPick} />
        <Transfers alert={alert} picked={picked} onPick={onPick} later={standing.later} />
      </div>
    </section>
  );
}

function Transfers({ alert, picked, onPick, later }: Picking & { later: Set<string> }): ReactNode {
  const label = new Map(alert.nodes.map((node) => [node.id, node.label]));
  const path = new Set(alert.path);
  const rows = [...alert.edges].sort((a, b) => a.time.localeCompare(b.time));
  const party = (id: string) => label.get(id) ?? id;
  return (
    <Scroll label="Transfers of the case" className="max-h-[420px] overflow-auto">
      <Table<AlertEdge>
        caption="The transfers of the picture, oldest first"
        rows={rows}
        rowKey={(row) => row.id}
        rowClass={(row) => `${picked.includes(row.id) ? "bg-s3" : ""} ${later.has(row.id) ? "text-fg3" : ""}`}
        columns={[
          {
            head: "Time",
            cell: (row) => (
              <button
                type="button"
                className="min-h-6 text-accent underline decoration-dotted"
                aria-pressed={picked.includes(row.id)}
                onClick={() => onPick(row.id)}
              >
                {formatTime(row.time).slice(0, 16)}
              </button>
            ),
          },
          { head: "From", cell: (row) => party(row.source) },
          { head: "To", cell: (row) => party(row.target) },
          { head: `Amount ${alert.currency}`, cell: (row) => formatNumber(row.amount), right: true },
          {
            head: "On path",
            cell: (row) => (path.has(row.id) ? <span className="text-warn">● yes</span> : ""),
          },
          { head: "Moment", cell: (row) => (later.has(row.id) ? "later" : "") },
        ]}
      />
    </Scroll>
  );
}
