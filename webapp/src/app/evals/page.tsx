import type { Metadata } from "next";
import { type ReactNode, Suspense } from "react";
import { EvalsPage } from "@/features/evals/components/evals-page";

export const metadata: Metadata = { title: "Evals" };

export default function Page(): ReactNode {
  return (
    <Suspense>
      <EvalsPage />
    </Suspense>
  );
}
