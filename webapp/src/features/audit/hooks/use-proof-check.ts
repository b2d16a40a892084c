"use client";
import { useQuery } from "@tanstack/react-query";
import type { Proof } from "@/client/contract-desk";
import { rootOf } from "../lib/merkle";

/** True when the path leads from the leaf to the root; undefined where the browser gives no crypto (plain http). */
export const useProofCheck = (proof: Proof) =>
  useQuery({
    queryKey: ["audit", "recomputed", proof.seq, proof.root],
    queryFn: async () => (await rootOf(proof)) === proof.root,
    enabled: typeof crypto !== "undefined" && crypto.subtle !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
