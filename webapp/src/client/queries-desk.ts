"use client";
/** Query hooks of filings, audit, evals and system. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ApiKey, NewApiKey } from "./contract";
import type {
  AuditPage,
  Broker,
  EvalList,
  EvalRun,
  Filing,
  FilingBlocks,
  FilingHead,
  Halt,
  Proof,
  SystemState,
  Verification,
} from "./contract-desk";
import { get, post, remove } from "./http";

const seg = (id: string | number | null) => encodeURIComponent(id ?? "");

export const useFilings = () =>
  useQuery({
    queryKey: ["filings"],
    queryFn: () => get<{ filings: FilingHead[] }>("/filings"),
    select: (data) => data.filings,
    staleTime: 600_000,
  });

export const useFiling = (id: string | null) =>
  useQuery({
    queryKey: ["filings", id],
    queryFn: () => get<Filing>(`/filings/${seg(id)}`),
    enabled: id !== null,
    staleTime: 600_000,
  });

export const useFilingBlocks = (id: string | null, section: string | null) =>
  useQuery({
    queryKey: ["filings", id, "section", section],
    queryFn: () => get<FilingBlocks>(`/filings/${seg(id)}/blocks?section=${seg(section)}`),
    enabled: id !== null && section !== null,
    staleTime: 600_000,
  });

const PAGE = 50;
export const useAuditRecords = (kind: string) =>
  useInfiniteQuery({
    queryKey: ["audit", kind],
    initialPageParam: null as number | null,
    queryFn: ({ pageParam }) => {
      const query = new URLSearchParams({ limit: String(PAGE) });
      if (pageParam !== null) query.set("before", String(pageParam));
      if (kind) query.set("kind", kind);
      return get<AuditPage>(`/audit/records?${query}`);
    },
    getNextPageParam: (page) =>
      page.records.length < PAGE ? undefined : (page.records.at(-1)?.seq ?? undefined),
  });

export const useProof = (seq: number | null) =>
  useQuery({
    queryKey: ["audit", "proof", seq],
    queryFn: () => get<Proof>(`/audit/records/${seg(seq)}/proof`),
    enabled: seq !== null,
    staleTime: 60_000,
  });

export const useVerify = () => useMutation({ mutationFn: () => post<Verification>("/audit/verify") });
export const useTamperTest = () =>
  useMutation({ mutationFn: (seq: number) => post<Verification>("/audit/tamper-test", { seq }) });

export const useEvals = () =>
  useQuery({
    queryKey: ["evals"],
    queryFn: () => get<EvalList>("/evals"),
    refetchInterval: (query) =>
      query.state.data?.runs.some((run) => run.state === "running") ? 2000 : false,
  });

export const useEvalRun = (id: string | null) =>
  useQuery({
    queryKey: ["evals", "run", id],
    queryFn: () => get<EvalRun>(`/evals/runs/${seg(id)}`),
    enabled: id !== null,
    refetchInterval: (query) => (query.state.data?.state === "running" ? 1500 : false),
  });

export const useSystem = (enabled = true) =>
  useQuery({
    queryKey: ["system"],
    queryFn: () => get<SystemState>("/system"),
    refetchInterval: 15_000,
    enabled,
  });

export const useBrokers = () =>
  useQuery({
    queryKey: ["brokers"],
    queryFn: () => get<{ brokers: Broker[] }>("/brokers"),
    select: (data) => data.brokers,
    refetchInterval: 15_000,
  });

export function useReconcile() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => post<Broker>(`/brokers/${seg(name)}/reconcile`),
    onSettled: () => cache.invalidateQueries({ queryKey: ["brokers"] }),
  });
}

export function useHalt(action: "halt" | "resume") {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) => post<Halt>(`/system/${action}`, { reason }),
    onSettled: () => cache.invalidateQueries({ queryKey: ["system"] }),
  });
}

export const useKeys = () =>
  useQuery({
    queryKey: ["keys"],
    queryFn: () => get<{ keys: ApiKey[] }>("/keys"),
    select: (data) => data.keys,
  });

export function useCreateKey() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (key: { name: string; scopes: string[]; days: number; budget_usd: number | null }) =>
      post<NewApiKey>("/keys", key),
    onSettled: () => cache.invalidateQueries({ queryKey: ["keys"] }),
  });
}

export function useRevokeKey() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => remove<void>(`/keys/${seg(id)}`),
    onSettled: () => cache.invalidateQueries({ queryKey: ["keys"] }),
  });
}
