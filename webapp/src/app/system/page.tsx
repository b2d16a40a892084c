import type { Metadata } from "next";
import { type ReactNode, Suspense } from "react";
import { SystemPage } from "@/features/system/components/system-page";

export const metadata: Metadata = { title: "System" };

export default function Page(): ReactNode {
  return (
    <Suspense>
      <SystemPage />
    </Suspense>
  );
}
