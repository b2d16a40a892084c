"use client";
import type { ReactNode } from "react";
import { useInstruments } from "@/client/queries";
import { usePerson } from "@/features/shell/components/person";
import { useShell } from "@/features/shell/hooks/use-shell";
import { mayTrade, sectionsOf } from "@/features/shell/lib/sections";
import { Loaded } from "@/features/ui/panel";
import { ApprovalsSummary } from "./approvals-summary";
import { Blotter } from "./blotter";
import { ChartPanel } from "./chart-panel";
import { Ticket } from "./ticket";
import { Watchlist } from "./watchlist";

export function DeskPage(): ReactNode {
  const person = usePerson();
  const query = useInstruments();
  const picked = useShell((state) => state.instrument);
  const trades = mayTrade(person.role) && person.accounts.length > 0;
  const answers = sectionsOf(person.role).some((section) => section.path === "/approvals/");
  const columns =
    trades || answers ? "lg:grid-cols-[280px_minmax(0,1fr)_320px]" : "lg:grid-cols-[280px_minmax(0,1fr)]";
  return (
    <>
      <h1 className="sr-only">Desk</h1>
      <Loaded
        query={query}
        label="instruments"
        isEmpty={(data) => data.length === 0}
        empty="No instruments. The market back end serves none; System shows its state."
      >
        {(instruments) => {
          const current = instruments.find((each) => each.id === picked) ?? instruments[0];
          if (!current) return null;
          return (
            <div className={`grid grid-cols-1 gap-2 lg:h-full ${columns} lg:grid-rows-[minmax(0,1fr)_292px]`}>
              <Watchlist instruments={instruments} current={current.id} />
              <ChartPanel instrument={current} />
              {trades ? <Ticket instrument={current} accounts={person.accounts} /> : null}
              <Blotter instruments={instruments} />
              {answers ? <ApprovalsSummary wide={!trades} /> : null}
            </div>
          );
        }}
      </Loaded>
    </>
  );
}
