"use client";
import { type FormEvent, type ReactNode, useState } from "react";
import { sentence } from "@/client/http";
import {
  type AgentPrompts,
  type Prompt,
  usePrompt,
  usePromptDiff,
  useRenderPrompt,
} from "@/client/queries-prompts";
import { Button, Field, INPUT } from "@/features/ui/controls";
import { Loaded } from "@/features/ui/panel";
import { Scroll } from "@/features/ui/scroll";

function Versions(props: {
  label: string;
  versions: string[];
  value: string;
  onChange: (version: string) => void;
}): ReactNode {
  return (
    <Field label={props.label}>
      <select className={INPUT} value={props.value} onChange={({ target }) => props.onChange(target.value)}>
        {props.versions.map((version) => (
          <option key={version}>{version}</option>
        ))}
      </select>
    </Field>
  );
}

const toneOfLine = (line: string) =>
  line.startsWith("+") ? "text-up" : line.startsWith("-") ? "text-down" : "text-fg2";

/** What two versions differ in: added lines begin with +, removed ones with −. */
export function PromptDiff({ row }: { row: AgentPrompts }): ReactNode {
  const [one, setOne] = useState(row.versions.at(-2) ?? row.production);
  const [other, setOther] = useState(row.versions.at(-1) ?? row.production);
  const query = usePromptDiff(one, other);
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div className="flex flex-wrap gap-3">
        <Versions label="From" versions={row.versions} value={one} onChange={setOne} />
        <Versions label="To" versions={row.versions} value={other} onChange={setOther} />
      </div>
      <Loaded
        query={query}
        label="the difference"
        isEmpty={({ diff }) => diff === ""}
        empty="They say the same."
      >
        {({ diff }) => (
          <Text label={`Difference of ${one} and ${other}`}>
            {diff.split("\n").map((line, at) => (
              <span key={`${at.toString()}${line}`} className={`block ${toneOfLine(line)}`}>
                {line || " "}
              </span>
            ))}
          </Text>
        )}
      </Loaded>
    </div>
  );
}

export function PromptRender({ row }: { row: AgentPrompts }): ReactNode {
  const [version, setVersion] = useState(row.production);
  const query = usePrompt(version);
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div className="flex">
        <Versions label="Version" versions={row.versions} value={version} onChange={setVersion} />
      </div>
      <Loaded query={query} label="the prompt">
        {(prompt) => <RenderForm key={prompt.id} prompt={prompt} />}
      </Loaded>
    </div>
  );
}

function RenderForm({ prompt }: { prompt: Prompt }): ReactNode {
  const [values, setValues] = useState<Record<string, string>>({});
  const render = useRenderPrompt();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const given = Object.fromEntries(prompt.variables.map((name) => [name, values[name] ?? ""]));
    render.mutate({ id: prompt.id, values: given });
  };
  return (
    <form className="flex min-w-0 flex-col gap-2" onSubmit={submit}>
      {prompt.variables.map((name) => (
        <Field
          key={name}
          label={name}
          {...(prompt.untrusted.includes(name) ? { hint: "Untrusted: put between marks." } : {})}
        >
          <textarea
            className={`${INPUT} h-16 max-sm:h-20 py-1.5`}
            value={values[name] ?? ""}
            onChange={({ target }) => setValues({ ...values, [name]: target.value })}
          />
        </Field>
      ))}
      <div>
        <Button type="submit" disabled={render.isPending}>
          Render {prompt.id}
        </Button>
      </div>
      {render.error ? (
        <p role="alert" className="text-desk text-down">
          ✕ {sentence(render.error)}
        </p>
      ) : null}
      {render.data ? (
        <Text label={`${prompt.id} rendered`}>{`${render.data.system}\n${render.data.user}`}</Text>
      ) : null}
    </form>
  );
}

function Text({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <Scroll label={label} className="max-h-96 overflow-auto rounded-ctl bg-s3 p-3">
      <pre className="font-mono text-compact whitespace-pre-wrap break-words">{children}</pre>
    </Scroll>
  );
}
