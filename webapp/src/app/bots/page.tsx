import type { Metadata } from "next";
import { type ReactNode, Suspense } from "react";
import { BotsPage } from "@/features/bots/components/bots-page";

export const metadata: Metadata = { title: "Bots" };

export default function Page(): ReactNode {
  return (
    <Suspense>
      <BotsPage />
    </Suspense>
  );
}
