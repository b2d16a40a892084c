"use client";
/** Query hooks of an account: scenarios, sensitivities, liquidity, tax lots. Nothing here changes anything. */
import { useQuery } from "@tanstack/react-query";
import type { Factors, Liquidity, Lots, Stress } from "./contract-desk";
import { get } from "./http";

const of = (what: string, account: string, more = "") =>
  `/risk/${what}?account=${encodeURIComponent(account)}${more}`;

export const useStress = (account: string, shock: string) =>
  useQuery({
    queryKey: ["stress", account, shock],
    queryFn: () => get<Stress>(of("stress", account, `&shock=${encodeURIComponent(shock)}`)),
    retry: false,
  });

export const useFactors = (account: string) =>
  useQuery({ queryKey: ["factors", account], queryFn: () => get<Factors>(of("factors", account)) });

export const useLiquidity = (account: string) =>
  useQuery({ queryKey: ["liquidity", account], queryFn: () => get<Liquidity>(of("liquidity", account)) });

export const useLots = (account: string, method: string) =>
  useQuery({
    queryKey: ["lots", account, method],
    queryFn: () => get<Lots>(`/portfolio/lots?account=${encodeURIComponent(account)}&method=${method}`),
  });
