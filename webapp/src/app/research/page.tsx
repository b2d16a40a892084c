import type { Metadata } from "next";
import type { ReactNode } from "react";
import { ResearchPage } from "@/features/research/components/research-page";

export const metadata: Metadata = { title: "Research" };

export default function Page(): ReactNode {
  return <ResearchPage />;
}
