"use client";
/** Query hooks of bots, mandates and deliveries. What one sends changes orders and positions too. */
import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type {
  Bot,
  BotDetail,
  BotRequest,
  Mandate,
  MandateDetail,
  MandateRequest,
  Progress,
  Strategy,
} from "./contract";
import { get, post } from "./http";

const seg = (id: string | null) => encodeURIComponent(id ?? "");

function refresh(cache: QueryClient): void {
  for (const key of ["bots", "mandates", "orders", "deliveries"]) {
    void cache.invalidateQueries({ queryKey: [key] });
  }
}

export const useStrategies = () =>
  useQuery({
    queryKey: ["strategies"],
    queryFn: () => get<{ strategies: Strategy[] }>("/strategies"),
    select: (data) => data.strategies,
    staleTime: Number.POSITIVE_INFINITY,
  });

export const useBots = () =>
  useQuery({
    queryKey: ["bots"],
    queryFn: () => get<{ bots: Bot[] }>("/bots"),
    select: (data) => data.bots,
    refetchInterval: 5_000,
  });

export const useBot = (id: string) =>
  useQuery({
    queryKey: ["bots", id],
    queryFn: () => get<BotDetail>(`/bots/${seg(id)}`),
    refetchInterval: 5_000,
  });

export const useMandates = () =>
  useQuery({
    queryKey: ["mandates"],
    queryFn: () => get<{ mandates: Mandate[] }>("/mandates"),
    select: (data) => data.mandates,
    refetchInterval: 10_000,
  });

export const useMandate = (id: string) =>
  useQuery({
    queryKey: ["mandates", id],
    queryFn: () => get<MandateDetail>(`/mandates/${seg(id)}`),
    refetchInterval: 5_000,
  });

export const useDeliveries = () =>
  useQuery({
    queryKey: ["deliveries"],
    queryFn: () => get<{ deliveries: Progress[] }>("/deliveries"),
    select: (data) => data.deliveries,
    refetchInterval: 10_000,
  });

export const useProgress = (id: string) =>
  useQuery({
    queryKey: ["deliveries", id],
    queryFn: () => get<Progress>(`/orders/${seg(id)}/progress`),
    refetchInterval: 2_000,
  });

export function useStartBot() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (form: BotRequest) => post<Bot>("/bots", form),
    onSettled: () => refresh(cache),
  });
}

export function useTurnBot(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (verb: "start" | "stop") => post<Bot>(`/bots/${seg(id)}/${verb}`),
    onSettled: () => refresh(cache),
  });
}

export function useProposeMandate() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (form: MandateRequest) => post<Mandate>("/mandates", form),
    onSettled: () => refresh(cache),
  });
}

export type MandateVerb = "countersign" | "refuse" | "revoke";

export function useAnswerMandate(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ verb, reason }: { verb: MandateVerb; reason: string }) =>
      post<Mandate>(`/mandates/${seg(id)}/${verb}`, verb === "countersign" ? undefined : { reason }),
    onSettled: () => refresh(cache),
  });
}

export function useRetryOrder() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => post<Progress>(`/orders/${seg(id)}/retry`),
    onSettled: () => refresh(cache),
  });
}
