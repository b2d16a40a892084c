"use client";
/** The model each agent asks first, what turns cost, and one question tried under a chosen model and prompt. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post, put } from "./http";
import type { components } from "./openapi";

type Schema = components["schemas"];
export type AgentModel = Schema["AgentModelView"];
export type AgentModels = Schema["AgentModelsView"];
export type Turns = Schema["TurnsView"];
export type TurnReport = Schema["TurnReportView"];
export type Tried = Schema["TriedView"];
export type Window = "hour" | "day" | "week";

export const useAgentModels = () =>
  useQuery({
    queryKey: ["agents", "models"],
    queryFn: () => get<AgentModels>("/agents/models"),
    refetchInterval: 15_000,
  });

export function useChooseModel() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ agent, model }: { agent: string; model: string }) =>
      put<AgentModel>(`/agents/${encodeURIComponent(agent)}/model`, { model }),
    onSettled: () => cache.invalidateQueries({ queryKey: ["agents", "models"] }),
  });
}

export const useTurns = (window: Window) =>
  useQuery({
    queryKey: ["agents", "turns", window],
    queryFn: () => get<TurnReport>(`/agents/turns?window=${window}`),
    placeholderData: keepPreviousData,
    refetchInterval: 5_000,
  });

export interface Trial {
  agent: string;
  question: string;
  model: string;
  prompt: string;
}

export const useTry = () =>
  useMutation({
    mutationFn: ({ agent, ...body }: Trial) => post<Tried>(`/agents/${encodeURIComponent(agent)}/try`, body),
  });
