import { type FormEvent, type ReactNode, useState } from "react";
import type { Instrument } from "@/client/contract";
import type { StudyForm as Form, StrategyName } from "@/client/queries-research";
import { InstrumentPicker } from "@/features/portfolio/components/instrument-picker";
import { Button, Field, INPUT } from "@/features/ui/controls";
import { Scroll } from "@/features/ui/scroll";
import { GOALS, readStudy, type StudyFields } from "../lib/form";

type Change = (part: Partial<StudyFields>) => void;

export function StudyForm(props: {
  instruments: Instrument[];
  strategies: StrategyName[];
  fields: StudyFields;
  change: Change;
  pending: boolean;
  onAsk: (form: Form) => void;
}): ReactNode {
  const { fields, change } = props;
  const [wrong, setWrong] = useState<string | null>(null);
  const strategy = props.strategies.find((each) => each.name === fields.strategy);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const form = readStudy(fields, props.strategies);
    setWrong(typeof form === "string" ? form : null);
    if (typeof form !== "string") props.onAsk(form);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4 p-3">
      <fieldset className="flex min-w-0 flex-col gap-2">
        <legend className="mb-1 text-compact font-semibold text-fg">1 Data</legend>
        <Scroll label="Instruments" className="max-h-60 overflow-auto rounded-ctl border border-line p-2">
          <InstrumentPicker
            instruments={props.instruments}
            picked={fields.picked}
            onPick={(picked) => change({ picked })}
          />
        </Scroll>
        <div className="grid grid-cols-1 gap-2 sm:grid-cols-3">
          <Text label="The last years" name="years" fields={fields} change={change} />
          {strategy?.learned ? null : (
            <>
              <Text label="or from" name="start" fields={fields} change={change} placeholder="2010-01-04" />
              <Text label="to" name="end" fields={fields} change={change} placeholder="the newest" />
            </>
          )}
        </div>
      </fieldset>
      <fieldset className="flex min-w-0 flex-col gap-2">
        <legend className="mb-1 text-compact font-semibold text-fg">2 Signal</legend>
        <Field
          label="Strategy"
          hint={strategy?.learned ? "Learns from earlier days alone; on one instrument." : undefined}
        >
          <select
            className={INPUT}
            value={fields.strategy}
            onChange={({ target }) => change({ strategy: target.value, knobs: {}, goal: "" })}
          >
            {props.strategies.map((each) => (
              <option key={each.name} value={each.name}>
                {each.title}
              </option>
            ))}
          </select>
        </Field>
        {strategy && Object.keys(strategy.knobs).length > 0 ? (
          <Knobs strategy={strategy} fields={fields} change={change} />
        ) : null}
      </fieldset>
      <fieldset className="flex min-w-0 flex-col gap-2">
        <legend className="mb-1 text-compact font-semibold text-fg">3 Backtest</legend>
        {strategy?.learned ? (
          <p className="text-compact text-fg2">At the next close, after costs, through the gate.</p>
        ) : (
          <label className="flex min-h-7 max-sm:min-h-11 items-center gap-2 text-compact text-fg">
            <input
              type="checkbox"
              checked={fields.free}
              onChange={({ target }) => change({ free: target.checked })}
            />
            without costs, lots and gate (for reference lines only)
          </label>
        )}
      </fieldset>
      {wrong ? (
        <p role="alert" className="text-desk text-down">
          ✕ {wrong}
        </p>
      ) : null}
      <Button type="submit" look="primary" disabled={props.pending}>
        {props.pending ? "Running…" : "Run the study"}
      </Button>
    </form>
  );
}

function Knobs({
  strategy,
  fields,
  change,
}: {
  strategy: StrategyName;
  fields: StudyFields;
  change: Change;
}): ReactNode {
  return (
    <div className="grid grid-cols-1 gap-2 sm:grid-cols-3">
      <Field label="Knobs" hint={fields.goal ? "chosen on the first half, judged on the second" : undefined}>
        <select
          className={INPUT}
          value={fields.goal}
          onChange={({ target }) => change({ goal: target.value })}
        >
          {Object.entries(GOALS).map(([goal, words]) => (
            <option key={goal} value={goal}>
              {words}
            </option>
          ))}
        </select>
      </Field>
      {fields.goal
        ? null
        : Object.entries(strategy.knobs).map(([name, usual]) => (
            <Field key={name} label={`${name}, days`} hint={name === "every" ? "0: each month" : undefined}>
              <input
                className={INPUT}
                inputMode="numeric"
                value={fields.knobs[name] ?? ""}
                placeholder={String(usual)}
                onChange={({ target }) => change({ knobs: { ...fields.knobs, [name]: target.value } })}
              />
            </Field>
          ))}
    </div>
  );
}

function Text(props: {
  label: string;
  name: "years" | "start" | "end";
  fields: StudyFields;
  change: Change;
  placeholder?: string;
}): ReactNode {
  return (
    <Field label={props.label}>
      <input
        className={INPUT}
        value={props.fields[props.name]}
        placeholder={props.placeholder}
        onChange={(event) => props.change({ [props.name]: event.target.value })}
      />
    </Field>
  );
}
