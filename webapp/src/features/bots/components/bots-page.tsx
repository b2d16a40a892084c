"use client";
import type { ReactNode } from "react";
import type { Bot, Mandate } from "@/client/contract";
import { useInstruments } from "@/client/queries";
import { useBots, useMandates, useStrategies } from "@/client/queries-bots";
import { usePerson } from "@/features/shell/components/person";
import { mayHalt } from "@/features/shell/lib/sections";
import { Badge, StateBadge } from "@/features/ui/badge";
import { Choice } from "@/features/ui/controls";
import { formatChange, formatNumber, NONE, toneOf } from "@/features/ui/format";
import { Empty, Loaded, Panel } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";
import { useQueryParam } from "@/features/ui/use-query-param";
import { BotDetailPanel } from "./bot-detail";
import { BotForm } from "./bot-form";
import { MandateDetailPanel } from "./mandate-detail";
import { MandateForm } from "./mandate-form";

type Making = "bot" | "mandate";

export function BotsPage(): ReactNode {
  const person = usePerson();
  const [bot, setBot] = useQueryParam("bot");
  const [mandate, setMandate] = useQueryParam("mandate");
  const trades = person.role === "trader" && person.accounts.length > 0;
  const showBot = (id: string) => {
    setMandate(null);
    setBot(id);
  };
  const showMandate = (id: string) => {
    setBot(null);
    setMandate(id);
  };
  return (
    <div className="grid grid-cols-1 gap-2 lg:h-full lg:grid-cols-[minmax(0,1fr)_minmax(0,1.2fr)] lg:grid-rows-[minmax(0,1fr)_minmax(0,1fr)_minmax(0,1.6fr)]">
      <h1 className="sr-only">Bots and mandates</h1>
      <BotsPanel picked={bot} onPick={showBot} trades={trades} />
      <div className="contents lg:block lg:row-span-3 lg:min-h-0">
        {bot ? (
          <BotDetailPanel key={bot} id={bot} trades={trades} />
        ) : mandate ? (
          <MandateDetailPanel key={mandate} id={mandate} halts={mayHalt(person.role)} />
        ) : (
          <Panel title="Detail" className="lg:h-full">
            <Empty>Choose a bot or a mandate to see what it did and why.</Empty>
          </Panel>
        )}
      </div>
      <MandatesPanel picked={mandate} onPick={showMandate} />
      {trades ? <NewPanel accounts={person.accounts} onBot={showBot} onMandate={showMandate} /> : null}
    </div>
  );
}

function BotsPanel(props: {
  picked: string | null;
  onPick: (id: string) => void;
  trades: boolean;
}): ReactNode {
  const query = useBots();
  const none = props.trades
    ? "No bots yet. Start one below: it runs one strategy under limits of its own."
    : "No bots on the accounts that you may see.";
  return (
    <Panel title="Bots" aside={<Badge tone="sim">SIMULATED fills</Badge>}>
      <Loaded query={query} label="bots" isEmpty={(data) => data.length === 0} empty={none}>
        {(rows) => (
          <Table
            caption="Bots, newest first"
            rows={rows}
            rowKey={(row) => row.id}
            selected={props.picked}
            columns={[
              { head: "Bot", cell: (row: Bot) => <Pick id={row.id} onPick={props.onPick} /> },
              { head: "Strategy", cell: (row) => row.strategy },
              { head: "State", cell: (row) => <StateBadge state={row.state} /> },
              {
                head: "Made, USD",
                cell: (row) => (
                  <span className={toneOf(row.profit)}>
                    {row.profit === null ? NONE : formatChange(row.profit, 2)}
                  </span>
                ),
                right: true,
              },
              { head: "Bars", cell: (row) => row.bars, right: true, wide: true },
              { head: "Mandate", cell: (row) => row.mandate || NONE, wide: true },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}

function MandatesPanel(props: { picked: string | null; onPick: (id: string) => void }): ReactNode {
  const query = useMandates();
  return (
    <Panel title="Mandates">
      <Loaded
        query={query}
        label="mandates"
        isEmpty={(data) => data.length === 0}
        empty="No mandates: agents ask a person about every order."
      >
        {(rows) => (
          <Table
            caption="Mandates, newest first"
            rows={rows}
            rowKey={(row) => row.id}
            selected={props.picked}
            columns={[
              { head: "Mandate", cell: (row: Mandate) => <Pick id={row.id} onPick={props.onPick} /> },
              { head: "Account", cell: (row) => row.account },
              {
                head: "State",
                cell: (row) => (
                  <StateBadge state={row.expired && row.state === "active" ? "expired" : row.state} />
                ),
              },
              { head: "Used, USD", cell: (row) => formatNumber(row.used, 2), right: true },
              { head: "Budget, USD", cell: (row) => formatNumber(row.budget, 2), right: true, wide: true },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}

function Pick({ id, onPick }: { id: string; onPick: (id: string) => void }): ReactNode {
  return (
    <button type="button" className="min-h-6 text-accent underline" onClick={() => onPick(id)}>
      {id}
    </button>
  );
}

function NewPanel(props: {
  accounts: string[];
  onBot: (id: string) => void;
  onMandate: (id: string) => void;
}): ReactNode {
  const [making, setMaking] = useQueryParam("new");
  const instruments = useInstruments();
  const strategies = useStrategies();
  const mandates = useMandates();
  const kind: Making = making === "mandate" ? "mandate" : "bot";
  return (
    <Panel
      title={kind === "bot" ? "New bot" : "New mandate"}
      aside={
        <Choice
          label="What to make"
          value={kind}
          onChange={(value) => setMaking(value)}
          options={[
            { value: "bot", label: "Bot" },
            { value: "mandate", label: "Mandate" },
          ]}
        />
      }
    >
      <Loaded query={instruments} label="instruments">
        {(known) => (
          <Loaded query={strategies} label="strategies">
            {(found) =>
              kind === "bot" ? (
                <BotForm
                  strategies={found}
                  instruments={known.filter((each) => each.tradable)}
                  accounts={props.accounts}
                  mandates={(mandates.data ?? []).filter((each) => each.state === "active" && !each.expired)}
                  onStarted={props.onBot}
                />
              ) : (
                <MandateForm
                  strategies={found}
                  instruments={known.filter((each) => each.tradable)}
                  accounts={props.accounts}
                  onProposed={props.onMandate}
                />
              )
            }
          </Loaded>
        )}
      </Loaded>
    </Panel>
  );
}
