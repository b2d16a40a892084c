"use client";
import { type ReactNode, useState } from "react";
import type { Bot } from "@/client/contract";
import { sentence } from "@/client/http";
import { useBot, useTurnBot } from "@/client/queries-bots";
import { StateBadge } from "@/features/ui/badge";
import { Button } from "@/features/ui/controls";
import { Confirm } from "@/features/ui/dialog";
import { formatChange, formatMoney, formatPlain, toneOf } from "@/features/ui/format";
import { Loaded, Panel } from "@/features/ui/panel";
import { ActsTable } from "./acts-table";

export function BotDetailPanel({ id, trades }: { id: string; trades: boolean }): ReactNode {
  const query = useBot(id);
  return (
    <Panel title={`Bot ${id}`} className="lg:h-full">
      <Loaded query={query} label="the bot">
        {(data) => (
          <div className="flex flex-col gap-3 p-3">
            <Head bot={data.bot} />
            {trades ? <Actions bot={data.bot} /> : null}
            <ActsTable acts={data.acts} empty="It has not acted yet: it waits for enough finished bars." />
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

function Head({ bot }: { bot: Bot }): ReactNode {
  const parameters = Object.entries(bot.parameters).map(([name, value]) => `${name} ${String(value)}`);
  return (
    <div className="flex flex-col gap-1 text-compact">
      <p className="text-desk">
        <StateBadge state={bot.state} /> <b className="font-semibold">{bot.strategy}</b> for {bot.account},{" "}
        {bot.mandate ? `the agent under mandate ${bot.mandate}` : `started by ${bot.owner}`}
      </p>
      {bot.reason ? <p>{bot.reason}</p> : null}
      <p className="text-fg2">
        {parameters.join(", ")}; at most {formatMoney(bot.most, "USD")} of each of {bot.universe.join(", ")}.
        It halts at a loss of {formatMoney(bot.max_loss, "USD")}.
      </p>
      <p>
        Made{" "}
        <span className={toneOf(bot.profit)}>
          {bot.profit === null ? "unknown: no price" : `${formatChange(bot.profit, 2)} USD`}
        </span>
        , holds{" "}
        {bot.positions.map((each) => `${formatPlain(each.quantity)} ${each.instrument}`).join(", ") ||
          "nothing"}
        ; {bot.bars} bars seen, {bot.missed} missed.
      </p>
    </div>
  );
}

function Actions({ bot }: { bot: Bot }): ReactNode {
  const turn = useTurnBot(bot.id);
  const [asked, setAsked] = useState(false);
  return (
    <>
      <div className="flex gap-2">
        {bot.state === "running" ? (
          <Button onClick={() => setAsked(true)}>Stop…</Button>
        ) : (
          <Button look="primary" disabled={turn.isPending} onClick={() => turn.mutate("start")}>
            Start again
          </Button>
        )}
      </div>
      {turn.error && !asked ? (
        <p role="alert" className="text-desk text-down">
          ✕ {sentence(turn.error)}
        </p>
      ) : null}
      {asked ? (
        <Confirm
          open
          onOpenChange={() => setAsked(false)}
          title="Stop this bot?"
          consequence="Its open orders are cancelled. What it holds stays in the account."
          verb="Stop the bot"
          pending={turn.isPending}
          error={turn.error}
          onConfirm={() => turn.mutate("stop", { onSuccess: () => setAsked(false) })}
        />
      ) : null}
    </>
  );
}
