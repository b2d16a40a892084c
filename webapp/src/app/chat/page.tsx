import type { Metadata } from "next";
import { type ReactNode, Suspense } from "react";
import { ChatPage } from "@/features/chat/components/chat-page";

export const metadata: Metadata = { title: "Chat" };

export default function Page(): ReactNode {
  return (
    <Suspense>
      <ChatPage />
    </Suspense>
  );
}
