import type { Metadata } from "next";
import { type ReactNode, Suspense } from "react";
import { AuditPage } from "@/features/audit/components/audit-page";

export const metadata: Metadata = { title: "Audit" };

export default function Page(): ReactNode {
  return (
    <Suspense>
      <AuditPage />
    </Suspense>
  );
}
