"use client";
/** Query hooks of the fraud room. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type {
  Alert,
  AlertAct,
  AlertDetail,
  CaseStory,
  Looks,
  Network,
  Officer,
  Streaming,
  Thresholds,
  ThresholdVersion,
  Triage,
} from "./contract-desk";
import { get, post } from "./http";

const one = (id: string) => `/fraud/alerts/${encodeURIComponent(id)}`;

export const useAlerts = () =>
  useQuery({
    queryKey: ["alerts"],
    queryFn: () => get<{ alerts: Alert[] }>("/fraud/alerts"),
    select: (data) => data.alerts,
  });

export const useAlert = (id: string) =>
  useQuery({ queryKey: ["alerts", id], queryFn: () => get<AlertDetail>(one(id)) });

export const useCaseStory = (id: string) =>
  useQuery({
    queryKey: ["alerts", id, "narrative"],
    queryFn: () => get<CaseStory>(`${one(id)}/narrative`),
    staleTime: 600_000,
  });

export const useOfficers = (enabled: boolean) =>
  useQuery({
    queryKey: ["officers"],
    queryFn: () => get<{ officers: Officer[] }>("/fraud/officers"),
    select: (data) => data.officers,
    staleTime: 600_000,
    enabled,
  });

export const useNetwork = (alert: string) =>
  useQuery({
    queryKey: ["network", alert],
    queryFn: () => get<Network>(`/fraud/network?${new URLSearchParams({ alert })}`),
    staleTime: 600_000,
  });

/** What the streaming score found; the socket's topic `fraud` asks for it anew. */
export const useStreaming = () =>
  useQuery({ queryKey: ["streaming"], queryFn: () => get<Streaming>("/fraud/streaming") });

/** The levels of the rules, what verdicts say of them, and every version. */
export const useThresholds = () =>
  useQuery({ queryKey: ["thresholds"], queryFn: () => get<Thresholds>("/fraud/thresholds") });

const TRIAGE = ["alerts", "triage"];

/** A model's opinions on borderline cases, and the queue's order; asked for anew whenever the alerts are. */
export const useTriage = () => useQuery({ queryKey: TRIAGE, queryFn: () => get<Triage>("/fraud/triage") });

export function useAskTriage() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (most: number) => post<Triage>("/fraud/triage", { most }),
    onSuccess: (data) => cache.setQueryData(TRIAGE, data),
  });
}

const LOOKS = ["alerts", "looks"];

/** When the desk last looked over bars, news and forms by itself, and what came of it. */
export const useLooks = () => useQuery({ queryKey: LOOKS, queryFn: () => get<Looks>("/fraud/looks") });

export function useLookNow() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => post<Looks>("/fraud/looks"),
    onSuccess: (data) => {
      cache.setQueryData(LOOKS, data);
      return Promise.all([
        cache.invalidateQueries({ queryKey: ["alerts"], exact: true }),
        cache.invalidateQueries({ queryKey: TRIAGE }),
      ]);
    },
  });
}

type ThresholdStep =
  | { step: "propose" }
  | { step: "accept"; id: number }
  | { step: "undo"; version: number; reason: string };

function putStep(step: ThresholdStep): Promise<ThresholdVersion> {
  const room = "/fraud/thresholds";
  if (step.step === "propose") return post(`${room}/proposals`, {});
  if (step.step === "accept") return post(`${room}/proposals/${step.id}/accept`, {});
  return post(`${room}/undo`, { version: step.version, reason: step.reason });
}

export function useThresholdStep() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: putStep,
    onSettled: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: ["thresholds"] }),
        cache.invalidateQueries({ queryKey: ["alerts"] }),
      ]),
  });
}

export function useActOnAlert(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (act: AlertAct) => post<AlertDetail>(one(id), act),
    onSettled: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: ["alerts"], exact: true }),
        cache.invalidateQueries({ queryKey: ["alerts", id], exact: true }),
        cache.invalidateQueries({ queryKey: TRIAGE }),
        cache.invalidateQueries({ queryKey: ["thresholds"] }),
      ]),
  });
}
