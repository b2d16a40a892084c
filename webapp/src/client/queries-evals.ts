"use client";
/** Comparing runs, going on with stopped ones, and cases made of conversations. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post } from "./http";
import type { components } from "./openapi";

type Schema = components["schemas"];
export type Comparison = Schema["Comparison"];
export type MetricChange = Schema["MetricChange"];
export type CaseResult = Schema["CaseResult"];
export type CaseSet = Schema["SetView"];
export type NewCase = Schema["CaseBody"];

export interface Start {
  suite: string;
  set?: string;
  resume?: boolean;
}

export function useStartEval() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ suite, ...how }: Start) =>
      post<{ id: string }>(`/evals/${encodeURIComponent(suite)}/runs`, how),
    onSettled: () => cache.invalidateQueries({ queryKey: ["evals"] }),
  });
}

export const useComparison = (a: string | null, b: string) =>
  useQuery({
    queryKey: ["evals", "compare", a, b],
    queryFn: () => get<Comparison>(`/evals/compare?${new URLSearchParams({ a: a ?? "", b })}`),
    enabled: a !== null,
    staleTime: 600_000,
  });

export function useAddCase() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (made: NewCase) => post<Schema["Added"]>("/evals/cases", made),
    onSettled: () => cache.invalidateQueries({ queryKey: ["evals"] }),
  });
}
