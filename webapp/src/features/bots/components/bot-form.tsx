"use client";
import { type FormEvent, type ReactNode, useState } from "react";
import type { Instrument, Mandate, Strategy } from "@/client/contract";
import { sentence } from "@/client/http";
import { useStartBot } from "@/client/queries-bots";
import { Button, Field, INPUT } from "@/features/ui/controls";
import { type BotFields, type Parameter, parametersOf, readBot } from "../lib/form";
import { PickMany } from "./pick-many";

export function BotForm(props: {
  strategies: Strategy[];
  instruments: Instrument[];
  accounts: string[];
  mandates: Mandate[];
  onStarted: (id: string) => void;
}): ReactNode {
  const [fields, setFields] = useState<BotFields>({
    account: props.accounts[0] ?? "",
    strategy: props.strategies[0]?.name ?? "",
    universe: props.instruments.slice(0, 1).map((each) => each.id),
    most: "20,000",
    maxLoss: "1,000",
    barMinutes: "1",
    mandate: "",
    parameters: {},
  });
  const [wrong, setWrong] = useState<string | null>(null);
  const start = useStartBot();
  const change = (part: Partial<BotFields>) => setFields({ ...fields, ...part });
  const strategy = props.strategies.find((each) => each.name === fields.strategy);
  const known = parametersOf(strategy);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const form = readBot(fields, known);
    setWrong(typeof form === "string" ? form : null);
    if (typeof form !== "string") start.mutate(form, { onSuccess: (bot) => props.onStarted(bot.id) });
  };
  const error = wrong ?? (start.error ? sentence(start.error) : null);
  return (
    <form onSubmit={submit} className="flex flex-col gap-3 p-3">
      <div className="grid grid-cols-2 gap-2 sm:grid-cols-3">
        <Field label="Strategy">
          <select
            className={INPUT}
            value={fields.strategy}
            onChange={(event) => change({ strategy: event.target.value, parameters: {} })}
          >
            {props.strategies.map((each) => (
              <option key={each.name} value={each.name}>
                {each.title}
              </option>
            ))}
          </select>
        </Field>
        <Field label="Account">
          <select
            className={INPUT}
            value={fields.account}
            onChange={(event) => change({ account: event.target.value })}
          >
            {props.accounts.map((account) => (
              <option key={account}>{account}</option>
            ))}
          </select>
        </Field>
        <Field label="Acts for">
          <select
            className={INPUT}
            value={fields.mandate}
            onChange={(event) => change({ mandate: event.target.value })}
          >
            <option value="">me, under my own limits</option>
            {props.mandates.map((each) => (
              <option key={each.id} value={each.id}>
                the agent, under mandate {each.id}
              </option>
            ))}
          </select>
        </Field>
        <Field label="Most of each instrument, USD">
          <input
            className={`${INPUT} text-right`}
            inputMode="decimal"
            value={fields.most}
            onChange={(event) => change({ most: event.target.value })}
          />
        </Field>
        <Field label="Halts at a loss of, USD">
          <input
            className={`${INPUT} text-right`}
            inputMode="decimal"
            value={fields.maxLoss}
            onChange={(event) => change({ maxLoss: event.target.value })}
          />
        </Field>
        <Field label="Minutes a bar">
          <input
            className={`${INPUT} text-right`}
            inputMode="numeric"
            value={fields.barMinutes}
            onChange={(event) => change({ barMinutes: event.target.value })}
          />
        </Field>
        {known.map((each) => (
          <ParameterField
            key={each.name}
            parameter={each}
            value={fields.parameters[each.name] ?? ""}
            onChange={(typed) => change({ parameters: { ...fields.parameters, [each.name]: typed } })}
          />
        ))}
      </div>
      {strategy ? <p className="text-compact text-fg2">{strategy.about}</p> : null}
      <PickMany
        label="Instruments"
        options={props.instruments.map((each) => ({ value: each.id, label: each.symbol }))}
        value={fields.universe}
        onChange={(universe) => change({ universe })}
      />
      {error ? (
        <p role="alert" className="text-desk text-down">
          ✕ {error}
        </p>
      ) : null}
      <Button type="submit" look="primary" disabled={start.isPending}>
        {start.isPending ? "Starting…" : "Start the bot"}
      </Button>
    </form>
  );
}

function ParameterField(props: {
  parameter: Parameter;
  value: string;
  onChange: (typed: string) => void;
}): ReactNode {
  const { parameter, value, onChange } = props;
  return (
    <Field label={parameter.about}>
      {parameter.flag ? (
        <select
          className={INPUT}
          value={value || parameter.usual}
          onChange={(event) => onChange(event.target.value)}
        >
          <option value="false">no</option>
          <option value="true">yes</option>
        </select>
      ) : (
        <input
          className={`${INPUT} text-right`}
          value={value}
          placeholder={parameter.usual}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
