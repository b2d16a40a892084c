"use client";
import { type FormEvent, type ReactNode, useState } from "react";
import type { Instrument, Strategy } from "@/client/contract";
import { sentence } from "@/client/http";
import { useProposeMandate } from "@/client/queries-bots";
import { Button, Field, INPUT } from "@/features/ui/controls";
import { type MandateFields, readMandate } from "../lib/form";
import { PickMany } from "./pick-many";

type TextName = Exclude<keyof MandateFields, "universe" | "strategies" | "dryRun" | "account">;

const TEXTS: readonly [TextName, string][] = [
  ["budget", "Budget, USD"],
  ["daily", "Each day, USD"],
  ["perOrder", "Each order, USD"],
  ["ordersADay", "Orders a day"],
  ["maxLoss", "Most it may lose, USD"],
  ["days", "Days it lasts"],
  ["opens", "From (UTC, market clock)"],
  ["closes", "To (UTC, market clock)"],
];

export function MandateForm(props: {
  strategies: Strategy[];
  instruments: Instrument[];
  accounts: string[];
  onProposed: (id: string) => void;
}): ReactNode {
  const [fields, setFields] = useState<MandateFields>({
    account: props.accounts[0] ?? "",
    universe: [],
    strategies: [],
    budget: "100,000",
    daily: "50,000",
    perOrder: "25,000",
    ordersADay: "50",
    maxLoss: "2,000",
    opens: "14:30",
    closes: "20:55",
    days: "1",
    dryRun: false,
  });
  const [wrong, setWrong] = useState<string | null>(null);
  const propose = useProposeMandate();
  const change = (part: Partial<MandateFields>) => setFields({ ...fields, ...part });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const form = readMandate(fields, Date.now());
    setWrong(typeof form === "string" ? form : null);
    if (typeof form !== "string") propose.mutate(form, { onSuccess: (made) => props.onProposed(made.id) });
  };
  const error = wrong ?? (propose.error ? sentence(propose.error) : null);
  return (
    <form onSubmit={submit} className="flex flex-col gap-3 p-3">
      <p className="text-compact text-fg2">
        Inside a mandate the execution agent trades without asking. A second trader or compliance must
        countersign it; anybody who may halt the desk may revoke it in one click.
      </p>
      <div className="grid grid-cols-2 gap-2 sm:grid-cols-4">
        {TEXTS.map(([name, label]) => (
          <Field key={name} label={label}>
            <input
              className={`${INPUT} text-right`}
              value={fields[name]}
              onChange={(event) => change({ [name]: event.target.value })}
            />
          </Field>
        ))}
      </div>
      <PickMany
        label="Strategies"
        options={props.strategies.map((each) => ({ value: each.name, label: each.title }))}
        value={fields.strategies}
        onChange={(strategies) => change({ strategies })}
      />
      <PickMany
        label="Universe"
        options={props.instruments.map((each) => ({ value: each.id, label: each.symbol }))}
        value={fields.universe}
        onChange={(universe) => change({ universe })}
      />
      <label className="flex items-center gap-2 text-compact">
        <input
          type="checkbox"
          checked={fields.dryRun}
          onChange={(event) => change({ dryRun: event.target.checked })}
        />
        Dry run: show what it would do, send nothing
      </label>
      {error ? (
        <p role="alert" className="text-desk text-down">
          ✕ {error}
        </p>
      ) : null}
      <Button type="submit" look="primary" disabled={propose.isPending}>
        {propose.isPending ? "Proposing…" : "Propose the mandate"}
      </Button>
    </form>
  );
}
