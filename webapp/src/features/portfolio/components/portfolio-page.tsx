"use client";
import { Tabs } from "radix-ui";
import { type ReactNode, useState } from "react";
import { useInstruments } from "@/client/queries";
import { useLearned, useWeigh } from "@/client/queries-portfolio";
import { usePerson } from "@/features/shell/components/person";
import { Badge } from "@/features/ui/badge";
import { TAB } from "@/features/ui/controls";
import { Empty, Loaded, Panel, Skeleton, Trouble } from "@/features/ui/panel";
import { useQueryParam } from "@/features/ui/use-query-param";
import { EMPTY_FIELDS, type WeighFields } from "../lib/form";
import { FrontierChart } from "./frontier-chart";
import { LearnedVerdict } from "./learned-verdict";
import { LotsView } from "./lots-view";
import { StressView } from "./stress-view";
import { WeighForm } from "./weigh-form";
import { WeightTable } from "./weight-table";

/** Weights towards an objective, the risk of what is held, or its tax lots; the address says which. */
export function PortfolioPage(): ReactNode {
  const account = usePerson().accounts[0] ?? "";
  const [view, setView] = useQueryParam("view");
  if (account === "") return <WeighView />;
  return (
    <Tabs.Root
      value={view === "risk" || view === "lots" ? view : "weigh"}
      onValueChange={setView}
      className="flex flex-col gap-2 lg:h-full"
    >
      <Tabs.List aria-label="Portfolio" className="flex border-b border-line">
        <Tabs.Trigger value="weigh" className={TAB}>
          Weights
        </Tabs.Trigger>
        <Tabs.Trigger value="risk" className={TAB}>
          Scenarios and liquidity
        </Tabs.Trigger>
        <Tabs.Trigger value="lots" className={TAB}>
          Tax lots
        </Tabs.Trigger>
      </Tabs.List>
      <Tabs.Content value="weigh" className="min-h-0 flex-1">
        <WeighView />
      </Tabs.Content>
      <Tabs.Content value="risk" className="grid min-h-0 flex-1">
        <h1 className="sr-only">Portfolio risk</h1>
        <StressView account={account} />
      </Tabs.Content>
      <Tabs.Content value="lots" className="grid min-h-0 flex-1">
        <h1 className="sr-only">Tax lots</h1>
        <LotsView account={account} />
      </Tabs.Content>
    </Tabs.Root>
  );
}

function WeighView(): ReactNode {
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
