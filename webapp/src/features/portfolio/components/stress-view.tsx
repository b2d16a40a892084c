"use client";
import { type FormEvent, type ReactNode, useState } from "react";
import type { Scenario, Stress } from "@/client/contract-desk";
import { useFactors, useLiquidity, useStress } from "@/client/queries-account";
import { Badge } from "@/features/ui/badge";
import { Button, Field, INPUT } from "@/features/ui/controls";
import { formatNumber } from "@/features/ui/format";
import { Loaded, Panel } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";
import { readShock, SHOCK_FACTORS, type ShockFields } from "../lib/shock";

/** What an account would lose in named scenarios and in one's own, what moves it, and how fast it can be sold. */
export function StressView({ account }: { account: string }): ReactNode {
  const [shock, setShock] = useState("");
  const stress = useStress(account, shock);
  const factors = useFactors(account);
  const liquidity = useLiquidity(account);
  return (
    <div className="grid min-h-0 grid-cols-1 gap-2 lg:grid-cols-[minmax(0,1.4fr)_minmax(0,1fr)] lg:grid-rows-[minmax(0,1fr)_minmax(0,1fr)]">
      <Panel
        title="Scenarios"
        className="lg:row-span-2"
        aside={<Badge tone="sim">Present holdings, past moves</Badge>}
      >
        <OwnShock onApply={setShock} applied={shock} />
        <Loaded
          query={stress}
          label="scenarios"
          isEmpty={(data) => data.scenarios.every((each) => each.moves.length === 0)}
          empty="This account holds nothing, so there is nothing to lose."
        >
          {(data) => <Scenarios data={data} />}
        </Loaded>
      </Panel>
      <Panel title="What moves it">
        <Loaded
          query={factors}
          label="sensitivities"
          isEmpty={(data) => data.window === ""}
          empty="Nothing is held, so nothing moves it."
        >
          {(data) => (
            <div className="flex flex-col gap-2 p-3">
              <Table
                caption="Sensitivities"
                rows={data.factors}
                rowKey={(row) => row.factor}
                columns={[
                  { head: "Factor", cell: (row) => SHOCK_FACTORS[row.factor] ?? row.factor },
                  {
                    head: `${data.currency} for +1 %`,
                    cell: (row) => formatNumber(row.per_percent),
                    right: true,
                  },
                  { head: "Error, ±", cell: (row) => formatNumber(row.error), right: true },
                ]}
              />
              <p className="text-compact text-fg2">
                Least squares over {data.window}. Together they explain {formatNumber(data.explained_pct)} %
                of its ups and downs. A figure under twice its error is not told from nothing.
              </p>
            </div>
          )}
        </Loaded>
      </Panel>
      <Panel title="Liquidity" aside={<Badge tone="sim">Assumed turnover</Badge>}>
        <Loaded
          query={liquidity}
          label="liquidity"
          isEmpty={(data) => data.rows.length === 0}
          empty="Nothing is held, so nothing has to be sold."
        >
          {(data) => (
            <div className="flex flex-col gap-2 p-3">
              <p className="text-desk">
                {formatNumber(data.within_day_pct)} % could be sold within a day at{" "}
                {formatNumber(data.participation_pct, 0)} % of turnover; all of it for about{" "}
                {formatNumber(data.cost)} {data.currency}.
              </p>
              <Table
                caption="Days to sell"
                rows={data.rows}
                rowKey={(row) => row.instrument}
                columns={[
                  { head: "Instrument", cell: (row) => row.instrument },
                  { head: `Value, ${data.currency}`, cell: (row) => formatNumber(row.value), right: true },
                  { head: "Days", cell: (row) => formatNumber(row.days, 4), right: true },
                  { head: "Cost", cell: (row) => formatNumber(row.cost), right: true },
                ]}
              />
              <p className="text-compact text-fg2">{data.label}.</p>
            </div>
          )}
        </Loaded>
      </Panel>
    </div>
  );
}

function Scenarios({ data }: { data: Stress }): ReactNode {
  const worst = Math.max(...data.scenarios.map((each) => Math.abs(each.pnl)), 1);
  return (
    <div className="flex flex-col gap-2 p-3">
      <Table
        caption="Scenarios, the largest loss first"
        rows={data.scenarios}
        rowKey={(row) => row.key}
        columns={[
          { head: "Scenario", cell: (row) => <Named row={row} /> },
          {
            head: `Gain or loss, ${data.currency}`,
            cell: (row) => <Amount row={row} worst={worst} />,
            right: true,
          },
          { head: "Of equity, %", cell: (row) => formatNumber(row.pct), right: true },
        ]}
      />
      {data.lacking ? (
        <p className="text-compact text-fg2">No hypothetical scenarios: {data.lacking}.</p>
      ) : null}
      <p className="text-compact text-fg2">
        Historical ones replay the closes of those days on what is held now; hypothetical ones take the
        sensitivities beside. Nothing is traded meanwhile, costs are left out, currencies stay where they are.
      </p>
    </div>
  );
}

function Named({ row }: { row: Scenario }): ReactNode {
  return (
    <details>
      <summary className="min-h-6 cursor-pointer">
        {row.name} <span className="text-fg3">{row.kind}</span>
      </summary>
      <ul className="py-1 pl-4 text-compact text-fg2">
        {row.moves.map((each) => (
          <li key={each.instrument} className="flex justify-between gap-2">
            <span>{each.instrument}</span> <span>{formatNumber(each.pnl)}</span>
          </li>
        ))}
        {row.left_out.length > 0 ? <li>Says nothing of {row.left_out.join(", ")}.</li> : null}
        <li>{row.about[0]?.toUpperCase() + row.about.slice(1)}.</li>
      </ul>
    </details>
  );
}

function Amount({ row, worst }: { row: Scenario; worst: number }): ReactNode {
  return (
    <span className="inline-flex w-full items-center justify-end gap-2">
      <span aria-hidden="true" className="h-2 max-w-40 flex-1 max-sm:hidden">
        <span
          className={`ml-auto block h-2 rounded-cell ${row.pnl < 0 ? "bg-down" : "bg-up"}`}
          style={{ width: `${(Math.abs(row.pnl) / worst) * 100}%` }}
        />
      </span>
      {formatNumber(row.pnl)}
    </span>
  );
}

function OwnShock({ onApply, applied }: { onApply: (shock: string) => void; applied: string }): ReactNode {
  const [fields, setFields] = useState<ShockFields>({});
  const read = readShock(fields);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (read.error === "") onApply(read.shock);
  };
  return (
    <form onSubmit={send} className="flex flex-col gap-2 border-b border-line p-3" aria-label="Own scenario">
      <div className="grid grid-cols-2 gap-2 sm:grid-cols-5">
        {Object.entries(SHOCK_FACTORS).map(([factor, name]) => (
          <Field key={factor} label={`${name}, %`}>
            <input
              className={INPUT}
              inputMode="decimal"
              value={fields[factor] ?? ""}
              placeholder="0"
              onChange={(event) => setFields((old) => ({ ...old, [factor]: event.target.value }))}
            />
          </Field>
        ))}
      </div>
      {read.error && Object.values(fields).some(Boolean) ? (
        <p role="alert" className="text-compact text-down">
          {read.error}
        </p>
      ) : null}
      <div className="flex gap-2">
        <Button look="primary" type="submit" disabled={read.error !== ""}>
          Add own scenario
        </Button>
        <Button
          disabled={applied === ""}
          onClick={() => {
            setFields({});
            onApply("");
          }}
        >
          Remove
        </Button>
      </div>
    </form>
  );
}
