"use client";
import { type FormEvent, type ReactNode, useState } from "react";
import { sentence } from "@/client/http";
import { useCreateKey } from "@/client/queries-desk";
import { Button, Field, INPUT } from "@/features/ui/controls";
import { Dialog } from "@/features/ui/dialog";
import { formatDate, formatMoney } from "@/features/ui/format";
import { Banner } from "@/features/ui/panel";

/** What a key may spend on models, in words. */
export function dailyBudget(usd: number | null): string {
  return usd === null ? "by the owner’s budget" : `up to ${formatMoney(usd, "USD")} a day`;
}

const SCOPES = [
  ["read", "read quotes, positions and records"],
  ["chat", "ask the agents, also as an OpenAI-compatible model"],
  ["propose", "let the agents propose orders; a person still approves"],
  ["trade", "send signed orders through the gate"],
  ["raw", "ask a model directly, past the agents’ guardrails (analysts, evaluators, administrators)"],
] as const;

export function CreateKey({ onClose }: { onClose: () => void }): ReactNode {
  const create = useCreateKey();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>(["read"]);
  const [days, setDays] = useState("30");
  const [budget, setBudget] = useState("");
  const valid = name.trim() !== "" && scopes.length > 0 && Number(days) >= 1 && Number(budget) >= 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!valid) return;
    const budget_usd = budget.trim() === "" ? null : Number(budget);
    create.mutate({ name: name.trim(), scopes, days: Number(days), budget_usd });
  };
  if (create.data) {
    return (
      <Dialog open onOpenChange={onClose} title={`Key ${create.data.name}`}>
        <Banner tone="warn">
          ◐ The secret is shown this once. Copy it now; the server cannot show it again.
        </Banner>
        <code className="rounded-ctl bg-s3 p-2 font-mono text-compact break-all select-all">
          {create.data.secret}
        </code>
        <p className="text-compact text-fg2">
          Scopes {create.data.scopes.join(", ")}; ends {formatDate(create.data.expires_at)}; models{" "}
          {dailyBudget(create.data.budget_usd)}. How programs use it: docs/openai.md and docs/api.md.
        </p>
        <Button look="primary" onClick={onClose}>
          I have copied it
        </Button>
      </Dialog>
    );
  }
  return (
    <Dialog open onOpenChange={onClose} title="Create an API key">
      <form onSubmit={submit} className="flex flex-col gap-3">
        <Field label="Name">
          <input
            className={INPUT}
            value={name}
            maxLength={60}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        <fieldset className="flex flex-col gap-1">
          <legend className="text-compact text-fg2">Scopes</legend>
          {SCOPES.map(([scope, about]) => (
            <label key={scope} className="flex min-h-7 items-center gap-2 text-desk">
              <input
                type="checkbox"
                checked={scopes.includes(scope)}
                onChange={(event) =>
                  setScopes(
                    event.target.checked ? [...scopes, scope] : scopes.filter((each) => each !== scope),
                  )
                }
              />
              <b className="font-semibold">{scope}</b> {about}
            </label>
          ))}
        </fieldset>
        <Field label="Valid for, days">
          <input
            className={INPUT}
            type="number"
            min={1}
            max={365}
            value={days}
            onChange={(event) => setDays(event.target.value)}
          />
        </Field>
        <Field label="Budget for models, US dollars a day (empty: yours alone)">
          <input
            className={INPUT}
            type="number"
            min={0}
            step="0.01"
            value={budget}
            onChange={(event) => setBudget(event.target.value)}
          />
        </Field>
        {create.error ? (
          <p role="alert" className="text-desk text-down">
            ✕ {sentence(create.error)}
          </p>
        ) : null}
        <Button type="submit" look="primary" disabled={!valid || create.isPending}>
          {create.isPending ? "Creating…" : "Create"}
        </Button>
      </form>
    </Dialog>
  );
}
