import type { Metadata } from "next";
import { type ReactNode, Suspense } from "react";
import { RunsPage } from "@/features/runs/components/runs-page";

export const metadata: Metadata = { title: "Trace" };

export default function Page(): ReactNode {
  return (
    <Suspense>
      <RunsPage />
    </Suspense>
  );
}
