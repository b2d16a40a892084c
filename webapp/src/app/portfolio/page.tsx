import type { Metadata } from "next";
import type { ReactNode } from "react";
import { PortfolioPage } from "@/features/portfolio/components/portfolio-page";

export const metadata: Metadata = { title: "Portfolio" };

export default function Page(): ReactNode {
  return <PortfolioPage />;
}
