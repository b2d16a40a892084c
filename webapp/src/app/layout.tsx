import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { App } from "@/features/shell/components/app";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "Tenor", template: "%s · Tenor" },
  description: "A trading desk run by ten agents under one supervisor.",
  icons: { icon: "/icon.svg" },
};
export const viewport: Viewport = { width: "device-width", initialScale: 1 };

export default function RootLayout({ children }: { children: ReactNode }): ReactNode {
  return (
    <html lang="en" suppressHydrationWarning>
      <head>
        {/* A file, not inline: it must run before first paint, and an inline script would need a hash. */}
        <script src="/theme.js" />
      </head>
      <body>
        <App>{children}</App>
      </body>
    </html>
  );
}
