import type { Metadata } from "next";
import { type ReactNode, Suspense } from "react";
import { SchedulesPage } from "@/features/schedules/components/schedules-page";

export const metadata: Metadata = { title: "Schedules" };

export default function Page(): ReactNode {
  return (
    <Suspense>
      <SchedulesPage />
    </Suspense>
  );
}
