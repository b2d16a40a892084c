"use client";
import { type FormEvent, type ReactNode, useState } from "react";
import type { AgentPrompts, useChangePrompts } from "@/client/queries-prompts";
import { Button, Choice, Field, INPUT } from "@/features/ui/controls";
import { Table } from "@/features/ui/table";
import { PromptDiff, PromptRender } from "./prompt-texts";
import { agentName, runsText } from "./prompts-panel";

interface Props {
  row: AgentPrompts;
  change: ReturnType<typeof useChangePrompts>;
  may: boolean;
}

/** One agent's trial, and what its versions say. */
export function PromptDetail({ row, change, may }: Props): ReactNode {
  const [view, setView] = useState<"diff" | "render">("diff");
  return (
    <section
      aria-label={`Prompt of ${agentName(row.agent)}`}
      className="flex min-w-0 flex-col gap-4 border-t border-line p-3"
    >
      {row.candidate ? (
        <Running row={row} change={change} may={may} />
      ) : (
        <Start row={row} change={change} may={may} />
      )}
      <div className="w-72">
        <Choice
          label="What to show"
          value={view}
          onChange={setView}
          options={[
            { value: "diff", label: "Compare versions" },
            { value: "render", label: "Render" },
          ]}
        />
      </div>
      {view === "diff" ? <PromptDiff row={row} /> : <PromptRender row={row} />}
    </section>
  );
}

function Running({ row, change, may }: Props): ReactNode {
  const prompt = row.candidate ?? "";
  return (
    <div className="flex flex-col gap-2">
      <Table
        caption={`Runs of the trial of ${prompt}`}
        rows={[
          { name: row.production, share: 100 - row.share, runs: row.production_runs },
          { name: prompt, share: row.share, runs: row.candidate_runs },
        ]}
        rowKey={(side) => side.name}
        columns={[
          { head: "Version", cell: (side) => side.name },
          { head: "People", cell: (side) => `${side.share} %`, right: true },
          { head: "Since the trial began", cell: (side) => runsText(side.runs) },
        ]}
      />
      <p className="text-compact text-fg2">
        From 20 runs a side it stops by itself when faults, latency or cost are worse than production’s.
      </p>
      <div className="flex flex-wrap gap-2">
        <Button
          disabled={!may || change.isPending}
          onClick={() => change.mutate({ do: "label", prompt, label: "production", share: row.share })}
        >
          Make {prompt} production
        </Button>
        <Button
          disabled={!may || change.isPending}
          onClick={() => change.mutate({ do: "stop", agent: row.agent })}
        >
          Stop the trial
        </Button>
      </div>
    </div>
  );
}

function Start({ row, change, may }: Props): ReactNode {
  const others = row.versions.filter((version) => version !== row.production);
  const [picked, setPicked] = useState("");
  const [share, setShare] = useState("50");
  const prompt = others.includes(picked) ? picked : others.at(-1);
  const percent = Number(share);
  const valid = Number.isInteger(percent) && percent >= 1 && percent <= 99;
  if (prompt === undefined)
    return <p className="text-compact text-fg2">There is one version only; nothing to try against it.</p>;
  const start = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ do: "label", prompt, label: "candidate", share: percent });
  };
  return (
    <form className="flex flex-wrap items-end gap-3" onSubmit={start}>
      <Field label="Try">
        <select className={INPUT} value={prompt} onChange={({ target }) => setPicked(target.value)}>
          {others.map((version) => (
            <option key={version}>{version}</option>
          ))}
        </select>
      </Field>
      <Field label="Per cent of people">
        <input
          className={`${INPUT} w-28`}
          inputMode="numeric"
          value={share}
          aria-invalid={!valid}
          onChange={({ target }) => setShare(target.value)}
        />
      </Field>
      <Button type="submit" look="primary" disabled={!may || !valid || change.isPending}>
        Start the trial
      </Button>
      {valid ? null : <span className="pb-2 text-compact text-down">✕ A whole number from 1 to 99.</span>}
    </form>
  );
}
