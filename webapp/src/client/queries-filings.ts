"use client";
/** Query hooks of studying filings: search, cells, finding words, summaries, comparisons, changes. */
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import type {
  Comparison,
  FilingCell,
  FilingSearch,
  FindHits,
  SectionChanges,
  Summaries,
  Vectors,
} from "./contract-desk";
import { get } from "./http";

const seg = (id: string) => encodeURIComponent(id);
const LONG = 600_000;

export interface Filters {
  company: string;
  form: string;
  period: string;
}

export const useFilingSearch = (q: string, filters: Filters) =>
  useQuery({
    queryKey: ["filing-search", q, filters],
    queryFn: () => get<FilingSearch>(`/filings/search?${new URLSearchParams({ q, ...filters })}`),
    enabled: q.trim().length > 1,
    placeholderData: keepPreviousData,
  });

/** Asked again every few seconds until every passage has its vector. */
export const useVectors = () =>
  useQuery({
    queryKey: ["filing-vectors"],
    queryFn: () => get<Vectors>("/filings/vectors"),
    refetchInterval: ({ state }) => (state.data?.ready || state.data?.failure ? false : 4_000),
  });

export const useCells = (id: string, section: string | null) =>
  useQuery({
    queryKey: ["filings", id, "cells", section],
    queryFn: () => get<{ cells: FilingCell[] }>(`/filings/${seg(id)}/cells?section=${seg(section ?? "")}`),
    select: (data) => data.cells,
    enabled: section !== null,
    staleTime: LONG,
  });

/** Where words stand in a filing; asked for by a hook while typing, and at once by Enter. */
export const findWords = (id: string, q: string) =>
  queryOptions({
    queryKey: ["filings", id, "find", q],
    queryFn: () => get<FindHits>(`/filings/${seg(id)}/find?${new URLSearchParams({ q })}`),
    staleTime: LONG,
  });

export const useSummary = (id: string, section: string | null) =>
  useQuery({
    queryKey: ["filings", id, "summary", section],
    queryFn: () => get<Summaries>(`/filings/${seg(id)}/summary?section=${seg(section ?? "")}`),
    enabled: section !== null,
    staleTime: LONG,
  });

export const useComparison = (first: string | null, second: string | null, metrics: string) =>
  useQuery({
    queryKey: ["filing-comparison", first, second, metrics],
    queryFn: () =>
      get<Comparison>(
        `/filings/compare?${new URLSearchParams({ first: first ?? "", second: second ?? "", metrics })}`,
      ),
    enabled: first !== null && second !== null,
    staleTime: LONG,
  });

export const useChanges = (first: string, second: string, section: string | null) =>
  useQuery({
    queryKey: ["filing-changes", first, second, section],
    queryFn: () =>
      get<SectionChanges>(
        `/filings/changes?${new URLSearchParams({ first, second, section: section ?? "" })}`,
      ),
    enabled: section !== null,
    staleTime: LONG,
  });
