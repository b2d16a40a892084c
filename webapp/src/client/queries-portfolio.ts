"use client";
/** Query hooks of weighing. Nothing here changes anything on the desk. */
import { useMutation } from "@tanstack/react-query";
import type { Frontier, Weighed, WeighRequest } from "./contract-desk";
import { post } from "./http";

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
