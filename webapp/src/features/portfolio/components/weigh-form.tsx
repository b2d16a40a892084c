import { type FormEvent, type ReactNode, useState } from "react";
import type { Instrument } from "@/client/contract";
import type { Objective, WeighRequest } from "@/client/contract-desk";
import { Button, Field, INPUT } from "@/features/ui/controls";
import { isTargeted, OBJECTIVES, readForm, type WeighFields } from "../lib/form";
import { InstrumentPicker } from "./instrument-picker";

type Change = (part: Partial<WeighFields>) => void;

export function WeighForm(props: {
  instruments: Instrument[];
  accounts: string[];
  fields: WeighFields;
  change: Change;
  pending: boolean;
  onAsk: (form: WeighRequest) => void;
}): ReactNode {
  const { fields, change } = props;
  const [wrong, setWrong] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const form = readForm(fields);
    setWrong(typeof form === "string" ? form : null);
    if (typeof form !== "string") props.onAsk(form);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3 p-3">
      <div className="grid grid-cols-1 gap-2 sm:grid-cols-2">
        <Field label="Objective">
          <select
            className={INPUT}
            value={fields.objective}
            onChange={(event) => change({ objective: event.target.value as Objective })}
          >
            {Object.entries(OBJECTIVES).map(([objective, words]) => (
              <option key={objective} value={objective}>
                {words}
              </option>
            ))}
          </select>
        </Field>
        {props.accounts.length > 0 ? (
          <Field label="Holdings of">
            <select
              className={INPUT}
              value={fields.account}
              onChange={(event) => change({ account: event.target.value })}
            >
              <option value="">no account</option>
              {props.accounts.map((account) => (
                <option key={account}>{account}</option>
              ))}
            </select>
          </Field>
        ) : null}
        {isTargeted(fields.objective) ? (
          <Text label="Target, % a year" name="target" fields={fields} change={change} />
        ) : null}
        <Text label="At least in each, %" name="least" fields={fields} change={change} placeholder="0" />
        <Text label="At most in each, %" name="most" fields={fields} change={change} placeholder="100" />
        <Text
          label="Turnover at most, %"
          name="turnover"
          fields={fields}
          change={change}
          placeholder="any"
          hint="bought plus sold, of what is held"
        />
        <Text label="Holdings at most" name="count" fields={fields} change={change} placeholder="any" />
        <Text
          label="Sectors"
          name="sector"
          fields={fields}
          change={change}
          placeholder="Energy<=10; Financials>=5"
          hint="several with ;"
        />
        <Text
          label="Your views"
          name="views"
          fields={fields}
          change={change}
          placeholder="AAPL=8; AAPL>MSFT=2@60"
          hint="% a year, or over another; @ how sure"
        />
      </div>
      <InstrumentPicker
        instruments={props.instruments}
        picked={fields.picked}
        onPick={(picked) => change({ picked })}
      />
      {wrong ? (
        <p role="alert" className="text-desk text-down">
          ✕ {wrong}
        </p>
      ) : null}
      <Button type="submit" look="primary" disabled={props.pending}>
        {props.pending ? "Weighing…" : "Weigh"}
      </Button>
    </form>
  );
}

function Text(props: {
  label: string;
  name: "least" | "most" | "target" | "sector" | "turnover" | "count" | "views";
  fields: WeighFields;
  change: Change;
  placeholder?: string;
  hint?: string;
}): ReactNode {
  return (
    <Field label={props.label} hint={props.hint}>
      <input
        className={INPUT}
        value={props.fields[props.name]}
        placeholder={props.placeholder}
        onChange={(event) => props.change({ [props.name]: event.target.value })}
      />
    </Field>
  );
}
