"use client";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Frame } from "./contract";
import { backoffMs, checkSequence, useLive } from "./quotes";

function handle(frame: Frame, cache: QueryClient): void {
  const live = useLive.getState();
  const now = Date.now();
  if (frame.type === "snapshot") live.snapshot(frame.quotes, frame.clocks, now);
  else if (frame.type === "quotes") live.apply(frame.quotes, frame.clocks, now);
  else live.heard(now);
  if (frame.type === "order") {
    // A proposal shows how its orders stand, a bot, a mandate and a run what their orders came to.
    for (const key of ["orders", "positions", "approvals", "bots", "mandates", "runs"]) {
      void cache.invalidateQueries({ queryKey: [key] });
    }
  }
  if (frame.type === "approval") {
    for (const key of ["approvals", "runs"]) void cache.invalidateQueries({ queryKey: [key] });
  }
  if (frame.type === "schedule") void cache.invalidateQueries({ queryKey: ["schedules"] });
  if (frame.type === "delivery") void cache.invalidateQueries({ queryKey: ["deliveries"] });
  if (frame.type === "fraud") {
    const stale =
      frame.kind === "streaming" ? [["streaming"]] : [["alerts"], ["alerts", "triage"], ["alerts", "looks"]];
    for (const queryKey of stale) void cache.invalidateQueries({ queryKey, exact: true });
  }
  if (frame.type === "halt") void cache.invalidateQueries({ queryKey: ["system"] });
}

/** Keeps one socket open for the signed-in person; reconnects with back-off, at once after a sequence gap. */
export function useLiveSocket(enabled: boolean): void {
  const cache = useQueryClient();
  useEffect(() => {
    if (!enabled) return;
    let socket: WebSocket | null = null;
    let timer = 0;
    let attempt = 0;
    let closed = false;

    const connect = () => {
      const scheme = window.location.protocol === "https:" ? "wss" : "ws";
      let seq: number | null = null;
      socket = new WebSocket(`${scheme}://${window.location.host}/v1/stream`);
      socket.onmessage = (message) => {
        const frame = JSON.parse(String(message.data)) as Frame;
        if (checkSequence(seq, frame.seq) === "gap") {
          attempt = 0;
          socket?.close();
          return;
        }
        seq = frame.seq;
        attempt = 0;
        handle(frame, cache);
      };
      socket.onclose = () => {
        if (closed) return;
        const wait = backoffMs(attempt++);
        useLive.getState().setLink("lost", Date.now() + wait);
        timer = window.setTimeout(connect, wait);
      };
    };
    connect();
    return () => {
      closed = true;
      window.clearTimeout(timer);
      socket?.close();
    };
  }, [enabled, cache]);
}
