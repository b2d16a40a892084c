"use client";
import { type FormEvent, type ReactNode, useState } from "react";
import { sentence } from "@/client/http";
import { type AgentModels, useAgentModels, useTry } from "@/client/queries-agents";
import { type AgentPrompts, usePrompts } from "@/client/queries-prompts";
import { usePerson } from "@/features/shell/components/person";
import { Badge } from "@/features/ui/badge";
import { Button, Field, INPUT } from "@/features/ui/controls";
import { formatMs, formatNumber } from "@/features/ui/format";
import { Loaded, Panel } from "@/features/ui/panel";
import { modelName, usd } from "../lib/turns";

export function TryPanel(): ReactNode {
  const models = useAgentModels();
  const prompts = usePrompts();
  return (
    <Panel title="Try one question on two models or prompts" scroll={false}>
      <Loaded query={models} label="the models">
        {(known) => (
          <Loaded
            query={prompts}
            label="the prompts"
            isEmpty={(rows) => rows.length === 0}
            empty="No prompts."
          >
            {(rows) => <TryForm known={known} prompts={rows} />}
          </Loaded>
        )}
      </Loaded>
    </Panel>
  );
}

interface Side {
  model: string;
  prompt: string;
}

function TryForm({ known, prompts }: { known: AgentModels; prompts: AgentPrompts[] }): ReactNode {
  const choices = [...known.models, "none"];
  const [agent, setAgent] = useState("risk");
  const [question, setQuestion] = useState("");
  const [sides, setSides] = useState<{ a: Partial<Side>; b: Partial<Side> }>({ a: {}, b: {} });
  const [first, second] = [useTry(), useTry()];
  const own = prompts.find((row) => row.agent === agent) ?? prompts[0];
  const person = usePerson();
  const may = person.role === "evaluator" || person.role === "administrator";
  const busy = first.isPending || second.isPending;
  if (own === undefined) return null;
  const side = (name: "a" | "b"): Side => {
    const { model, prompt } = sides[name];
    return {
      model: model ?? choices[Math.min(name === "a" ? 0 : 1, choices.length - 1)] ?? "none",
      prompt: prompt && own.versions.includes(prompt) ? prompt : own.production,
    };
  };
  const ask = (event: FormEvent) => {
    event.preventDefault();
    second.reset();
    // One after the other, so that neither slows the other down.
    first.mutate(
      { agent: own.agent, question, ...side("a") },
      { onSettled: () => second.mutate({ agent: own.agent, question, ...side("b") }) },
    );
  };
  return (
    <form className="flex flex-col gap-3 p-3" onSubmit={ask}>
      <div className="grid grid-cols-1 gap-3 sm:grid-cols-[12rem_minmax(0,1fr)_auto] sm:items-end">
        <Field label="Agent">
          <select className={INPUT} value={own.agent} onChange={(event) => setAgent(event.target.value)}>
            {prompts.map((row) => (
              <option key={row.agent} value={row.agent}>
                {row.agent.replaceAll("_", " ")}
              </option>
            ))}
          </select>
        </Field>
        <Field label="Question to try">
          <input
            className={INPUT}
            value={question}
            placeholder="How volatile is Exxon?"
            onChange={(event) => setQuestion(event.target.value)}
          />
        </Field>
        <Button type="submit" look="primary" disabled={!may || busy || !question.trim()}>
          {busy ? "Asking…" : "Ask both"}
        </Button>
      </div>
      <p className="text-compact text-fg2">
        <Badge tone="sim">trial</Badge> Asked with your rights and from your budget; no conversation, proposal
        or count of answers is left behind. The calls stand in the audit log.
      </p>
      <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
        <TrySide
          name="A"
          side={side("a")}
          versions={own.versions}
          models={choices}
          trial={first}
          onChange={(part) => setSides({ ...sides, a: { ...sides.a, ...part } })}
        />
        <TrySide
          name="B"
          side={side("b")}
          versions={own.versions}
          models={choices}
          trial={second}
          onChange={(part) => setSides({ ...sides, b: { ...sides.b, ...part } })}
        />
      </div>
    </form>
  );
}

function TrySide(props: {
  name: string;
  side: Side;
  versions: string[];
  models: string[];
  trial: ReturnType<typeof useTry>;
  onChange: (part: Partial<Side>) => void;
}): ReactNode {
  const { name, side, trial } = props;
  return (
    <section
      aria-label={`Side ${name}`}
      className="flex min-w-0 flex-col gap-2 rounded-ctl border border-line p-3"
    >
      <div className="grid grid-cols-2 gap-2">
        <Field label={`Model ${name}`}>
          <select
            className={INPUT}
            value={side.model}
            onChange={(event) => props.onChange({ model: event.target.value })}
          >
            {props.models.map((model) => (
              <option key={model} value={model}>
                {modelName(model)}
              </option>
            ))}
          </select>
        </Field>
        <Field label={`Prompt ${name}`}>
          <select
            className={INPUT}
            value={side.prompt}
            onChange={(event) => props.onChange({ prompt: event.target.value })}
          >
            {props.versions.map((version) => (
              <option key={version}>{version}</option>
            ))}
          </select>
        </Field>
      </div>
      <div aria-live="polite">
        <Outcome trial={trial} />
      </div>
    </section>
  );
}

function Outcome({ trial }: { trial: ReturnType<typeof useTry> }): ReactNode {
  if (trial.isPending) return <p className="text-compact text-fg3">Asking…</p>;
  if (trial.error) return <p className="text-desk text-down">✕ {sentence(trial.error)}</p>;
  if (!trial.data) return <p className="text-compact text-fg3">Not asked yet.</p>;
  const { data } = trial;
  return (
    <>
      <p className="flex flex-wrap gap-x-3 text-compact font-medium">
        <span>{formatMs(data.ms)} in all</span>
        <span>first token {formatMs(data.first_ms)}</span>
        <span>
          {formatNumber(data.tokens_in, 0)} + {formatNumber(data.tokens_out, 0)} tokens
        </span>
        <span>{usd(data.cost_usd)} USD</span>
        <span>{data.model ? `by ${data.model}` : "the plan’s own words"}</span>
      </p>
      {data.fallback ? <p className="text-compact text-warn">◐ fell back: {data.fallback}</p> : null}
      <p className="mt-2 max-h-60 overflow-auto text-desk whitespace-pre-wrap">{data.text}</p>
    </>
  );
}
