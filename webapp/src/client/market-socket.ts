"use client";
import { useEffect } from "react";
import { create } from "zustand";
import { applyBook, applyTape, type Book, type MarketFrame, type Tape } from "./market";
import { backoffMs } from "./quotes";

interface MarketState {
  instrument: string;
  book: Book | null;
  tape: Tape | null;
}

/** The book and tape of the one instrument on screen. Written by its socket only. */
export const useMarket = create<MarketState>()(() => ({ instrument: "", book: null, tape: null }));

function handle(frame: MarketFrame, resync: (channel: string) => void): void {
  if (frame.type !== "snapshot" && frame.type !== "diff") return;
  const { instrument, book, tape } = useMarket.getState();
  if (frame.instrument !== instrument) return;
  if (frame.channel === "book") {
    const next = applyBook(book, frame);
    if (next === "gap") resync("book");
    else useMarket.setState({ book: next });
  } else {
    const next = applyTape(tape, frame);
    if (next === "gap") resync("trades");
    else useMarket.setState({ tape: next });
  }
}

/** Keeps a socket open for the book and trades of an instrument while mounted; reconnects with back-off. */
export function useMarketSocket(instrument: string): void {
  useEffect(() => {
    let socket: WebSocket | null = null;
    let timer = 0;
    let attempt = 0;
    let closed = false;
    useMarket.setState({ instrument, book: null, tape: null });
    const say = (op: string, channel: string) =>
      socket?.send(JSON.stringify({ op, channel, instruments: [instrument] }));

    const connect = () => {
      const scheme = window.location.protocol === "https:" ? "wss" : "ws";
      socket = new WebSocket(`${scheme}://${window.location.host}/v1/market/stream`);
      socket.onopen = () => {
        say("subscribe", "book");
        say("subscribe", "trades");
      };
      socket.onmessage = (message) => {
        attempt = 0;
        handle(JSON.parse(String(message.data)) as MarketFrame, (channel) => say("resync", channel));
      };
      socket.onclose = () => {
        if (closed) return;
        useMarket.setState({ book: null, tape: null });
        timer = window.setTimeout(connect, backoffMs(attempt++));
      };
    };
    connect();
    return () => {
      closed = true;
      window.clearTimeout(timer);
      socket?.close();
    };
  }, [instrument]);
}
