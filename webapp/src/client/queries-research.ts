"use client";
/** Studies, the leaderboard of arms, states of markets, data quality and the heat map of the news. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post, remove } from "./http";
import type { components } from "./openapi";

type Schema = components["schemas"];
export type Study = Schema["StudyView"];
export type StudyResult = Schema["StudyResult"];
export type StudyForm = Pick<Schema["StudyForm"], "strategy"> & Partial<Schema["StudyForm"]>;
export type StrategyName = Schema["ArmName"];
export type Champion = Schema["ChampionView"];
export type Leaderboard = Schema["LeaderboardView"];
export type Difference = Schema["ArmLead"];
export type Regimes = Schema["RegimesView"];
export type Band = Schema["BandView"];
export type Quality = Schema["QualityView"];
export type Heat = Schema["HeatView"];
export type HeatCell = Schema["HeatCellView"];

const HOUR = 3_600_000;

export const useResearch = () =>
  useQuery({ queryKey: ["research"], queryFn: () => get<Schema["ResearchView"]>("/experiments") });

export const useStudies = () =>
  useQuery({
    queryKey: ["studies"],
    queryFn: () => get<{ studies: Study[] }>("/studies"),
    select: (data) => data.studies,
    refetchInterval: (query) =>
      query.state.data?.studies.some((each) => each.state === "running") ? 2_000 : false,
  });

export const useStudy = (id: string | null) =>
  useQuery({
    queryKey: ["studies", id],
    queryFn: () => get<Study>(`/studies/${encodeURIComponent(id ?? "")}`),
    enabled: id !== null,
    refetchInterval: (query) => (query.state.data?.state === "running" ? 500 : false),
  });

function useStudyWrite<T>(write: (given: T) => Promise<Study | undefined>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: write,
    onSuccess: (study) => study && cache.setQueryData(["studies", study.id], study),
    onSettled: () => cache.invalidateQueries({ queryKey: ["studies"], exact: true }),
  });
}

export const useStartStudy = () => useStudyWrite((form: StudyForm) => post<Study>("/studies", form));

export const useCancelStudy = () =>
  useStudyWrite((id: string) => post<Study>(`/studies/${encodeURIComponent(id)}/cancel`));

export const useRemoveStudy = () =>
  useStudyWrite((id: string) => remove<undefined>(`/studies/${encodeURIComponent(id)}`));

const about = (instrument: string, years: number) =>
  new URLSearchParams({ instrument, years: String(years) }).toString();

export const useLeaderboard = (instrument: string, years: number) =>
  useQuery({
    queryKey: ["leaderboard", instrument, years],
    queryFn: () => get<Leaderboard>(`/experiments/leaderboard?${about(instrument, years)}`),
    staleTime: HOUR,
    retry: false,
  });

export const useRegimes = (instrument: string, years: number) =>
  useQuery({
    queryKey: ["regimes", instrument, years],
    queryFn: () => get<Regimes>(`/experiments/regimes?${about(instrument, years)}`),
    staleTime: HOUR,
    retry: false,
  });

export const useQuality = () =>
  useQuery({ queryKey: ["quality"], queryFn: () => get<Quality>("/market/quality"), staleTime: 300_000 });

export const useHeat = () =>
  useQuery({
    queryKey: ["heat"],
    queryFn: () => get<Heat>("/market/heat"),
    staleTime: 60_000,
    refetchInterval: 300_000,
  });
