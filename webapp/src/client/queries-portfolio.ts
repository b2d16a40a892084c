"use client";
/** Query hooks of weighing. Nothing here changes anything on the desk. */
import { useMutation, useQuery } from "@tanstack/react-query";
import type { Frontier, Learned, Weighed, WeighRequest } from "./contract-desk";
import { get, post } from "./http";

export interface Answer {
  form: WeighRequest;
  weighed: Weighed;
  frontier: Frontier;
}

/** The weights and the frontier of one form, asked for together. */
export const useWeigh = () =>
  useMutation({
    mutationFn: async (form: WeighRequest): Promise<Answer> => {
      const [weighed, frontier] = await Promise.all([
        post<Weighed>("/portfolio/optimise", form),
        post<Frontier>("/portfolio/frontier?points=20", form),
      ]);
      return { form, weighed, frontier };
    },
  });

/** What the learned policies came to; it changes with a release only. */
export const useLearned = () =>
  useQuery({
    queryKey: ["portfolio", "learned"],
    queryFn: () => get<Learned>("/portfolio/learned"),
    staleTime: Number.POSITIVE_INFINITY,
  });
