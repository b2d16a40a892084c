import type { Metadata } from "next";
import { type ReactNode, Suspense } from "react";
import { ApprovalsPage } from "@/features/approvals/components/approvals-page";

export const metadata: Metadata = { title: "Approvals" };

export default function Page(): ReactNode {
  return (
    <Suspense>
      <ApprovalsPage />
    </Suspense>
  );
}
