"use client";
import type { ReactNode } from "react";
import { useInstruments } from "@/client/queries";
import { Choice, INPUT } from "@/features/ui/controls";
import { Loaded } from "@/features/ui/panel";
import { useQueryParam } from "@/features/ui/use-query-param";
import { HeatPanel } from "./heat-panel";
import { LeaderboardPanel } from "./leaderboard-panel";
import { QualityPanel } from "./quality-panel";
import { RegimesPanel } from "./regimes-panel";
import { StudyView } from "./study-view";

const VIEWS = [
  { value: "study", label: "Study" },
  { value: "leaderboard", label: "Leaderboard" },
  { value: "regimes", label: "Regimes" },
  { value: "news", label: "News heat map" },
  { value: "quality", label: "Data quality" },
] as const;
type View = (typeof VIEWS)[number]["value"];
const SPANS = ["3", "5", "10", "15"];

export function ResearchPage(): ReactNode {
  const [chosen, choose] = useQueryParam("view");
  const [instrument, setInstrument] = useQueryParam("instrument");
  const [years, setYears] = useQueryParam("years");
  const view: View = VIEWS.find((each) => each.value === chosen)?.value ?? "study";
  const instruments = useInstruments();
  const id = instrument ?? "XNAS:AAPL";
  const kind = instruments.data?.find((each) => each.id === id)?.asset_class;
  const mark = kind === "stock" ? "Simulated, survivors" : "Simulated, past prices";
  const about = { instrument: id, years: Number(years ?? "10"), mark };
  const single = view === "leaderboard" || view === "regimes";
  return (
    <div className="flex flex-col gap-2 lg:h-full">
      <h1 className="sr-only">Research</h1>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="max-w-full overflow-x-auto">
          <Choice
            label="View"
            value={view}
            options={VIEWS}
            onChange={(next) => choose(next === "study" ? null : next)}
          />
        </div>
        {single ? (
          <div className="flex flex-wrap gap-2">
            <label className="flex items-center gap-2 text-compact text-fg2">
              Instrument
              <select
                className={`${INPUT} min-w-36`}
                value={about.instrument}
                onChange={({ target }) => setInstrument(target.value)}
              >
                {(instruments.data ?? []).map((each) => (
                  <option key={each.id} value={each.id}>
                    {each.symbol} {each.name}
                  </option>
                ))}
              </select>
            </label>
            <label className="flex items-center gap-2 text-compact text-fg2">
              Years
              <select
                className={INPUT}
                value={String(about.years)}
                onChange={({ target }) => setYears(target.value)}
              >
                {SPANS.map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </select>
            </label>
          </div>
        ) : null}
      </div>
      {view === "study" ? (
        <Loaded query={instruments} label="instruments">
          {(data) => <StudyView instruments={data} />}
        </Loaded>
      ) : null}
      {view === "leaderboard" ? <LeaderboardPanel {...about} /> : null}
      {view === "regimes" ? <RegimesPanel {...about} /> : null}
      {view === "news" ? <HeatPanel /> : null}
      {view === "quality" ? <QualityPanel /> : null}
    </div>
  );
}
