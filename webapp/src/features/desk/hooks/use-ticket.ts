"use client";
import { useState } from "react";
import type { OrderCheck, OrderRequest } from "@/client/contract";
import { useCheckOrder, useSendOrder } from "@/client/queries";
import type { Draft } from "@/features/shell/hooks/use-shell";
import { EMPTY_TERMS, readTicket, type TicketFields } from "../lib/draft";

interface Preview {
  order: OrderRequest & { client_id: string };
  check: OrderCheck;
}

/** Draft -> preview with checks -> send. Any change of a field drops the preview, so what is sent was checked. */
export function useTicket(instrument: string, account: string, draft: Draft | null) {
  const [fields, setFields] = useState<TicketFields>({
    side: draft?.side ?? "buy",
    quantity: draft ? String(draft.quantity) : "",
    type: draft && draft.price !== null ? "limit" : "market",
    limit: draft?.price ? String(draft.price) : "",
    ...EMPTY_TERMS,
    account,
  });
  const [preview, setPreview] = useState<Preview | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const check = useCheckOrder();
  const send = useSendOrder();

  const change = (part: Partial<TicketFields>) => {
    setFields((old) => ({ ...old, ...part }));
    setPreview(null);
    setWrong(null);
    check.reset();
    send.reset();
  };
  const runPreview = () => {
    const order = readTicket(fields, instrument);
    if (typeof order === "string") {
      setWrong(order);
      return;
    }
    setWrong(null);
    send.reset();
    check.mutate(order, {
      // One client id per preview: pressing Send twice is one order.
      onSuccess: (result) =>
        setPreview({ order: { ...order, client_id: crypto.randomUUID() }, check: result }),
    });
  };
  const runSend = () => {
    if (preview) send.mutate(preview.order, { onSuccess: () => setPreview(null) });
  };
  return { fields, change, preview, wrong, check, send, runPreview, runSend, drop: () => setPreview(null) };
}
