"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { sentence } from "@/client/http";
import { postStream } from "@/client/sse";
import { foldEvent, newTurn, type Turn } from "../lib/turn";

/** The turns asked on this page, newest last. One runs at a time; stop aborts the request, and so the run. */
export function useChat(onThread?: (thread: string) => void) {
  const cache = useQueryClient();
  const [turns, setTurns] = useState<Turn[]>([]);
  const running = useRef<AbortController | null>(null);

  const change = (fold: (turn: Turn) => Turn) =>
    setTurns((old) => old.map((turn, at) => (at === old.length - 1 ? fold(turn) : turn)));

  const ask = async (message: string, thread: string | null, agent?: string) => {
    if (running.current) return;
    const control = new AbortController();
    running.current = control;
    setTurns((old) => [...old, newTurn(message, Date.now())]);
    try {
      await postStream(
        "/chat",
        { message, ...(thread ? { thread } : {}), ...(agent ? { agent } : {}) },
        (name, data) => {
          change((turn) => foldEvent(turn, name, data));
          const begun = name === "run" ? foldEvent(newTurn("", 0), name, data).thread : null;
          if (begun) onThread?.(begun);
        },
        control.signal,
      );
      change((turn) => foldEvent(turn, "done", {}));
    } catch (error) {
      change((turn) =>
        control.signal.aborted
          ? { ...turn, state: "stopped" }
          : { ...turn, state: "failed", error: sentence(error) },
      );
    } finally {
      running.current = null;
      void cache.invalidateQueries({ queryKey: ["threads"], exact: true });
      void cache.invalidateQueries({ queryKey: ["approvals"] });
    }
  };
  const stop = () => running.current?.abort();
  const clear = () => {
    stop();
    setTurns([]);
  };
  return { turns, ask, stop, clear, busy: turns.at(-1)?.state === "running" };
}
