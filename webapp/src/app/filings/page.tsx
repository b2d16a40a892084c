import type { Metadata } from "next";
import { type ReactNode, Suspense } from "react";
import { FilingsPage } from "@/features/filings/components/filings-page";

export const metadata: Metadata = { title: "Filings" };

export default function Page(): ReactNode {
  return (
    <Suspense>
      <FilingsPage />
    </Suspense>
  );
}
