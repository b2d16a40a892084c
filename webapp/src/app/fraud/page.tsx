import type { Metadata } from "next";
import { type ReactNode, Suspense } from "react";
import { FraudPage } from "@/features/fraud/components/fraud-page";

export const metadata: Metadata = { title: "Fraud" };

export default function Page(): ReactNode {
  return (
    <Suspense>
      <FraudPage />
    </Suspense>
  );
}
