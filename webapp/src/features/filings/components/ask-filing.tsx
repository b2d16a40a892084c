"use client";
import { type ReactNode, useState } from "react";
import type { Citation } from "@/client/contract";
import type { Filing } from "@/client/contract-desk";
import { Composer } from "@/features/chat/components/composer";
import { TurnView } from "@/features/chat/components/turn-view";
import { useChat } from "@/features/chat/hooks/use-chat";
import { Button } from "@/features/ui/controls";
import { Empty, Panel } from "@/features/ui/panel";
import { Scroll } from "@/features/ui/scroll";
import { useRowKeys } from "@/features/ui/use-row-keys";
import type { Span } from "../lib/passage";

interface Cited extends Citation {
  start: number;
  end: number;
}

/** Asks the agents about this filing; its cited passages are stepped through with n and p. */
export function AskFiling({ filing, onShow }: { filing: Filing; onShow: (span: Span) => void }): ReactNode {
  const chat = useChat();
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
    if (target) onShow(target);
  };
  useRowKeys({ n: () => step(1), p: () => step(-1) });
  // The agents see one message, so the filing is named in it; the person sees it named too.
  const ask = (text: string) => void chat.ask(`In ${filing.title}: ${text}`, thread);
  return (
    <Panel title="Ask this filing" scroll={false} className="lg:min-h-0">
      <Scroll role="log" label="Answers" className="flex min-h-0 flex-1 flex-col gap-3 overflow-auto p-3">
        {chat.turns.length === 0 ? (
          <Empty>The answer cites the passage it comes from, or says that the filing does not tell.</Empty>
        ) : null}
        {chat.turns.map((turn) => (
          <TurnView
            key={turn.startedAt}
            turn={turn}
            onStop={chat.stop}
            onRetry={() => void chat.ask(turn.question, thread)}
          />
        ))}
      </Scroll>
      {cited.length > 0 ? (
        <div className="flex items-center gap-2 border-t border-line px-3 py-1 text-compact text-fg2">
          <Button className="h-7!" onClick={() => step(-1)}>
            p previous
          </Button>
          <Button className="h-7!" onClick={() => step(1)}>
            n next
          </Button>
          {cited.length} cited passages
        </div>
      ) : null}
      <div className="border-t border-line p-3">
        <Composer label="Ask about this filing" busy={chat.busy} onAsk={ask} />
      </div>
    </Panel>
  );
}
