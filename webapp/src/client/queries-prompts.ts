"use client";
/** Versions of the agents' prompts, and trials of them. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post } from "./http";
import type { components } from "./openapi";

export type AgentPrompts = components["schemas"]["AgentPrompts"];

export const usePrompts = () =>
  useQuery({
    queryKey: ["prompts"],
    queryFn: () => get<{ agents: AgentPrompts[] }>("/prompts"),
    select: (data) => data.agents,
    refetchInterval: 15_000,
  });

export type PromptChange =
  | { do: "label"; prompt: string; label: "production" | "candidate"; share: number }
  | { do: "stop"; agent: string };

export function useChangePrompts() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (change: PromptChange) =>
      change.do === "stop"
        ? post<AgentPrompts>(`/prompts/${encodeURIComponent(change.agent)}/stop`)
        : post<AgentPrompts>(`/prompts/${encodeURIComponent(change.prompt)}/label`, {
            label: change.label,
            share: change.share,
          }),
    onSettled: () => cache.invalidateQueries({ queryKey: ["prompts"] }),
  });
}

export type Prompt = components["schemas"]["PromptView"];

export const usePrompt = (id: string) =>
  useQuery({
    queryKey: ["prompts", "version", id],
    queryFn: () => get<Prompt>(`/prompts/${encodeURIComponent(id)}`),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const usePromptDiff = (one: string, other: string) =>
  useQuery({
    queryKey: ["prompts", "diff", one, other],
    queryFn: () =>
      get<components["schemas"]["DiffView"]>(
        `/prompts/${encodeURIComponent(one)}/diff/${encodeURIComponent(other)}`,
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const useRenderPrompt = () =>
  useMutation({
    mutationFn: ({ id, values }: { id: string; values: Record<string, string> }) =>
      post<components["schemas"]["RenderedView"]>(`/prompts/${encodeURIComponent(id)}/render`, { values }),
  });
