"use client";
import { type ReactNode, useState } from "react";
import { useInstruments } from "@/client/queries";
import { useLearned, useWeigh } from "@/client/queries-portfolio";
import { usePerson } from "@/features/shell/components/person";
import { Badge } from "@/features/ui/badge";
import { Empty, Loaded, Panel, Skeleton, Trouble } from "@/features/ui/panel";
import { EMPTY_FIELDS, type WeighFields } from "../lib/form";
import { FrontierChart } from "./frontier-chart";
import { LearnedVerdict } from "./learned-verdict";
import { WeighForm } from "./weigh-form";
import { WeightTable } from "./weight-table";

export function PortfolioPage(): ReactNode {
  const person = usePerson();
  const instruments = useInstruments();
  const weigh = useWeigh();
  const learned = useLearned();
  const [fields, setFields] = useState<WeighFields>({ ...EMPTY_FIELDS, account: person.accounts[0] ?? "" });
  const answer = weigh.data;
  return (
    <div className="grid grid-cols-1 gap-2 lg:h-full lg:grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)] lg:grid-rows-[minmax(0,1fr)_minmax(0,1fr)_auto]">
      <h1 className="sr-only">Portfolio</h1>
      <Panel title="What to weigh" className="lg:row-span-3">
        <Loaded
          query={instruments}
          label="instruments"
          isEmpty={(data) => data.every((each) => !each.tradable)}
          empty="Nothing can be held now. System shows the state of the market back end."
        >
          {(data) => (
            <WeighForm
              instruments={data.filter((each) => each.tradable)}
              accounts={person.accounts}
              fields={fields}
              change={(part) => setFields((old) => ({ ...old, ...part }))}
              pending={weigh.isPending}
              onAsk={(form) => weigh.mutate(form)}
            />
          )}
        </Loaded>
      </Panel>
      <Panel title="Weights" aside={<Badge tone="sim">Past prices, no promise</Badge>}>
        {weigh.isPending ? <Skeleton label="weights" /> : null}
        {weigh.error && !weigh.isPending ? <Trouble error={weigh.error} /> : null}
        {answer && !weigh.isPending ? <WeightTable data={answer.weighed} /> : null}
        {weigh.isIdle ? (
          <Empty>
            Choose instruments or an account, and what they should serve. Nothing is ordered here.
          </Empty>
        ) : null}
      </Panel>
      <Panel title="Efficient frontier">
        {answer && !weigh.isPending ? (
          <FrontierChart frontier={answer.frontier} weighed={answer.weighed} />
        ) : (
          <Empty>The least volatility for each expected return, under the same limits.</Empty>
        )}
      </Panel>
      <Panel title="Learned policies" className="lg:max-h-64">
        <Loaded query={learned} label="learned policies">
          {(data) => <LearnedVerdict data={data} />}
        </Loaded>
      </Panel>
    </div>
  );
}
