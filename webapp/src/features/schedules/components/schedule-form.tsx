"use client";
import { type FormEvent, type ReactNode, useState } from "react";
import type { Instrument, ScheduleKind, Urgency } from "@/client/contract";
import { sentence } from "@/client/http";
import { useShell } from "@/features/shell/hooks/use-shell";
import { Button, Choice, Field, INPUT } from "@/features/ui/controls";
import { formatPlain } from "@/features/ui/format";
import { useScheduleForm } from "../hooks/use-schedule-form";
import { KIND_WORDS, type ScheduleFields } from "../lib/form";
import { PreviewBox } from "./schedule-preview";

type Change = (part: Partial<ScheduleFields>) => void;

export function ScheduleForm(props: {
  instruments: Instrument[];
  accounts: string[];
  onStarted: (id: string) => void;
}): ReactNode {
  const picked = useShell((state) => state.instrument);
  const [first] = useState(
    () => props.instruments.find((each) => each.id === picked)?.id ?? props.instruments[0]?.id ?? "",
  );
  const form = useScheduleForm(props.accounts[0] ?? "", first, props.onStarted);
  const { fields, change, seen } = form;
  const instrument = props.instruments.find((each) => each.id === fields.instrument);
  const error = form.wrong ?? form.preview.error ?? form.start.error;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    form.runPreview();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3 p-3">
      <div className="grid grid-cols-2 gap-2 sm:grid-cols-3">
        <Field label="Instrument">
          <select
            className={INPUT}
            value={fields.instrument}
            onChange={(event) => change({ instrument: event.target.value })}
          >
            {props.instruments.map((each) => (
              <option key={each.id} value={each.id}>
                {each.symbol} · {each.name}
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
        <Field label="Kind">
          <select
            className={INPUT}
            value={fields.kind}
            onChange={(event) => change({ kind: event.target.value as ScheduleKind })}
          >
            {Object.entries(KIND_WORDS).map(([kind, words]) => (
              <option key={kind} value={kind}>
                {words}
              </option>
            ))}
          </select>
        </Field>
        <Text
          label={`Quantity (lot ${formatPlain(instrument?.lot)})`}
          name="quantity"
          fields={fields}
          change={change}
        />
        <Text label="Minutes from now (market clock)" name="minutes" fields={fields} change={change} />
        <Text label="Slices" name="slices" fields={fields} change={change} placeholder="one a minute" />
        <Text
          label={`Limit, ${instrument?.currency ?? ""}`}
          name="limit"
          fields={fields}
          change={change}
          placeholder="none"
        />
        <Text label="Most of the shown volume, %" name="shown" fields={fields} change={change} />
        <OfKind fields={fields} change={change} />
      </div>
      <Choice
        label="Side"
        value={fields.side}
        onChange={(side) => change({ side })}
        options={[
          { value: "buy", label: "B Buy", tone: "bg-buy text-onfill" },
          { value: "sell", label: "S Sell", tone: "bg-down text-onfill" },
        ]}
      />
      {error ? (
        <p role="alert" className="text-desk text-down">
          ✕ {typeof error === "string" ? error : sentence(error)}
        </p>
      ) : null}
      {seen ? (
        <PreviewBox
          preview={seen.preview}
          symbol={instrument?.symbol ?? fields.instrument}
          pending={form.start.isPending}
          onStart={form.runStart}
          onDrop={form.drop}
        />
      ) : (
        <Button type="submit" look="primary" disabled={form.preview.isPending}>
          {form.preview.isPending ? "Planning…" : "Preview the schedule"}
        </Button>
      )}
    </form>
  );
}

function Text(props: {
  label: string;
  name: "quantity" | "minutes" | "slices" | "limit" | "shown" | "participation";
  fields: ScheduleFields;
  change: Change;
  placeholder?: string;
}): ReactNode {
  return (
    <Field label={props.label}>
      <input
        className={`${INPUT} text-right`}
        inputMode="decimal"
        value={props.fields[props.name]}
        placeholder={props.placeholder}
        onChange={(event) => props.change({ [props.name]: event.target.value })}
      />
    </Field>
  );
}

function OfKind({ fields, change }: { fields: ScheduleFields; change: Change }): ReactNode {
  if (fields.kind === "pov")
    return <Text label="Share of all volume, %" name="participation" fields={fields} change={change} />;
  if (fields.kind !== "shortfall") return null;
  return (
    <Field label="Urgency (risk aversion)">
      <select
        className={INPUT}
        value={fields.urgency}
        onChange={(event) => change({ urgency: event.target.value as Urgency })}
      >
        <option value="low">Low: near to TWAP</option>
        <option value="medium">Medium</option>
        <option value="high">High: early</option>
      </select>
    </Field>
  );
}
