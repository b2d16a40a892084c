"use client";
import Link from "next/link";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Citation } from "@/client/contract";
import type { FilingHead } from "@/client/contract-desk";
import { Composer } from "@/features/chat/components/composer";
import { TurnView } from "@/features/chat/components/turn-view";
import { useChat } from "@/features/chat/hooks/use-chat";
import type { Turn } from "@/features/chat/lib/turn";
import { Button, Choice } from "@/features/ui/controls";
import { Empty, Panel } from "@/features/ui/panel";
import { Scroll } from "@/features/ui/scroll";
import { useRowKeys } from "@/features/ui/use-row-keys";
import { comparePath } from "../lib/address";
import type { Span } from "../lib/passage";
import { likeForLike, metricOf, peerOf, type Scope, scopedQuestion } from "../lib/scope";

interface Cited extends Citation {
  start: number;
  end: number;
}

const AGENT = "customer_query";
const SCOPES = [
  { value: "filing", label: "This filing" },
  { value: "company", label: "This company" },
  { value: "all", label: "All" },
] as const;
const EXAMPLES = ["What were total net sales?", "Summarise the risk factors"];

/** Asks about this filing; its cited passages open beside and are stepped through with n and p. */
export function AskFiling(props: {
  filing: FilingHead;
  all: readonly FilingHead[];
  className: string;
  onShow: (span: Span) => void;
}): ReactNode {
  const { filing, all } = props;
  const chat = useChat();
  const [scope, setScope] = useState<Scope>("filing");
  const thread = chat.turns.findLast((turn) => turn.thread)?.thread ?? null;
  const cited = chat.turns
    .flatMap((turn) => turn.answer?.citations ?? [])
    .filter((each): each is Cited => each.filing === filing.id && each.start !== null && each.end !== null);
  const [at, setAt] = useState(-1);
  const step = (by: number) => {
    if (cited.length === 0) return;
    const next = (at + by + cited.length) % cited.length;
    setAt(next);
    const target = cited[next];
    if (target) props.onShow(target);
  };
  useRowKeys({ n: () => step(1), p: () => step(-1) });
  const ask = (text: string) =>
    void chat.ask(scopedQuestion(text, filing, scope, all, thread !== null), thread, AGENT);
  const last = chat.turns.at(-1);
  const log = useRef<HTMLDivElement>(null);
  const done = last?.state === "done" ? last.startedAt : null;
  useEffect(() => {
    // An answer that came in under the edge is brought into view by its question.
    if (done !== null) log.current?.querySelector("article:last-of-type")?.scrollIntoView({ block: "start" });
  }, [done]);
  return (
    <Panel title="Ask beside it" scroll={false} className={`lg:min-h-0 ${props.className}`}>
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-3 py-1 text-compact text-fg3">
        From
        <Choice label="Answers from" value={scope} options={SCOPES} onChange={setScope} />
      </div>
      <Scroll
        ref={log}
        role="log"
        label="Answers"
        className="flex min-h-0 flex-1 flex-col gap-3 overflow-auto p-3"
      >
        {chat.turns.length === 0 ? (
          <Empty>
            The answer cites the passage it comes from, or says that the filing does not tell. What follows on
            (“and the year before?”) is understood.
          </Empty>
        ) : null}
        {chat.turns.map((turn) => (
          <TurnView
            key={turn.startedAt}
            turn={turn}
            onStop={chat.stop}
            onRetry={() => void chat.ask(turn.question, thread, AGENT)}
          />
        ))}
        {last && !chat.busy ? <Onward filing={filing} all={all} turn={last} onAsk={ask} /> : null}
      </Scroll>
      {cited.length > 0 ? (
        <div className="flex items-center gap-2 border-t border-line px-3 py-1 text-compact text-fg2">
          <Button className="h-7!" onClick={() => step(-1)}>
            p previous
          </Button>
          <Button className="h-7!" onClick={() => step(1)}>
            n next
          </Button>
          {cited.length} cited {cited.length === 1 ? "passage" : "passages"}
        </div>
      ) : null}
      <div className="border-t border-line p-3">
        <Composer
          label="Ask about this filing"
          busy={chat.busy}
          examples={chat.turns.length === 0 ? EXAMPLES : []}
          onAsk={ask}
        />
      </div>
    </Panel>
  );
}

/** What an analyst does next with a figure: the year before, and the same of a peer. */
function Onward(props: {
  filing: FilingHead;
  all: readonly FilingHead[];
  turn: Turn;
  onAsk: (text: string) => void;
}): ReactNode {
  const metric = props.turn.answer ? metricOf(props.turn.answer) : null;
  if (metric === null) return null;
  const peer = peerOf(props.filing, props.all);
  const own = peer ? likeForLike(props.filing, peer, props.all) : props.filing;
  return (
    <div className="flex flex-wrap items-center gap-2 text-compact">
      <Button onClick={() => props.onAsk("and the year before?")}>And the year before?</Button>
      {peer ? (
        <Link href={comparePath(own.id, peer.id, metric)} className="text-accent underline">
          Compare with {peer.company}
        </Link>
      ) : null}
    </div>
  );
}
