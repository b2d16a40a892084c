"use client";
/** Query hooks of schedules. What one sends changes orders and positions too. */
import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type {
  Schedule,
  ScheduleChange,
  ScheduleDetail,
  SchedulePreview,
  ScheduleRequest,
  ScheduleStarted,
} from "./contract";
import { get, patch, post } from "./http";

const seg = (id: string | null) => encodeURIComponent(id ?? "");

export const OVER: readonly string[] = ["done", "cancelled", "failed"];

function refresh(cache: QueryClient): void {
  for (const key of ["schedules", "approvals"]) void cache.invalidateQueries({ queryKey: [key] });
}

export const useSchedules = () =>
  useQuery({
    queryKey: ["schedules"],
    queryFn: () => get<{ schedules: Schedule[] }>("/schedules"),
    select: (data) => data.schedules,
    refetchInterval: (query) =>
      query.state.data?.schedules.some((each) => !OVER.includes(each.state)) ? 2_000 : 15_000,
  });

export const useSchedule = (id: string | null) =>
  useQuery({
    queryKey: ["schedules", id],
    queryFn: () => get<ScheduleDetail>(`/schedules/${seg(id)}`),
    enabled: id !== null,
    refetchInterval: (query) => (OVER.includes(query.state.data?.state ?? "done") ? false : 2_000),
  });

export const usePreviewSchedule = () =>
  useMutation({
    mutationFn: (form: ScheduleRequest) => post<SchedulePreview>("/schedules/preview", form),
  });

export function useStartSchedule() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (form: ScheduleRequest) => post<ScheduleStarted>("/schedules", form),
    onSettled: () => refresh(cache),
  });
}

export type ScheduleVerb = "pause" | "resume" | "cancel";

export function useChangeSchedule(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (verb: ScheduleVerb) => post<ScheduleDetail>(`/schedules/${seg(id)}/${verb}`),
    onSettled: () => refresh(cache),
  });
}

export function useAmendSchedule(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (change: ScheduleChange) => patch<ScheduleDetail>(`/schedules/${seg(id)}`, change),
    onSettled: () => refresh(cache),
  });
}
