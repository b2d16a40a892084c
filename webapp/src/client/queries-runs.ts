"use client";
/** A recorded run: from words to order, the origin of a fact, and its replay. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { get, post } from "./http";
import type { components } from "./openapi";

type Schema = components["schemas"];
export type Replay = Schema["ReplayView"];
export type Run = Schema["RunTrace"];
export type RunPart = Schema["TracePart"];
export type RunScan = Schema["RunScan"];
export type RunFact = Schema["TraceFact"];
export type RunProposal = Schema["TraceProposal"];
export type FactOrigin = Schema["FactOrigin"];

const seg = encodeURIComponent;

export const useReplay = () =>
  useMutation({
    mutationFn: (run: string) => post<Replay>(`/runs/${seg(run)}/replay`, {}),
  });

/** What a run was never changes; its proposal and orders do, and their frames refresh it. */
export const useRun = (id: string | null) =>
  useQuery({
    queryKey: ["runs", id],
    queryFn: () => get<Run>(`/runs/${seg(id ?? "")}`),
    enabled: id !== null,
  });

export const useFactOrigin = (run: string, fact: string) =>
  useQuery({
    queryKey: ["run-facts", run, fact],
    queryFn: () => get<FactOrigin>(`/runs/${seg(run)}/facts/${seg(fact)}`),
    staleTime: Number.POSITIVE_INFINITY,
  });
