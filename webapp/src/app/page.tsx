import type { Metadata } from "next";
import { type ReactNode, Suspense } from "react";
import { DeskPage } from "@/features/desk/components/desk-page";

export const metadata: Metadata = { title: "Desk" };

export default function Page(): ReactNode {
  return (
    <Suspense>
      <DeskPage />
    </Suspense>
  );
}
