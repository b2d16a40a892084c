"use client";
/** A recorded run, replayed. */
import { useMutation } from "@tanstack/react-query";
import { post } from "./http";
import type { components } from "./openapi";

type Schema = components["schemas"];
export type Replay = Schema["ReplayView"];

export const useReplay = () =>
  useMutation({
    mutationFn: (run: string) => post<Replay>(`/runs/${encodeURIComponent(run)}/replay`, {}),
  });
