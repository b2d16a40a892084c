"use client";
import { type ReactNode, useState } from "react";
import { ApiProblem } from "@/client/http";
import { useThread } from "@/client/queries";
import { CaseMaker } from "@/features/evals/components/case-maker";
import { usePerson } from "@/features/shell/components/person";
import { Empty, Skeleton, Trouble } from "@/features/ui/panel";
import { Scroll } from "@/features/ui/scroll";
import { useQueryParam } from "@/features/ui/use-query-param";
import { useChat } from "../hooks/use-chat";
import { EXAMPLES } from "../lib/examples";
import { AnswerView } from "./answer-view";
import { Composer } from "./composer";
import { Threads } from "./threads";
import { Question, TurnView } from "./turn-view";

export function ChatPage(): ReactNode {
  const person = usePerson();
  const [fromUrl, setUrl] = useQueryParam("thread");
  const [asked] = useQueryParam("ask");
  // The thread whose stored turns are shown; a thread begun here lives in the turns of useChat.
  const [stored, setStored] = useState(fromUrl);
  const [thread, setThread] = useState(fromUrl);
  const history = useThread(stored);
  const chat = useChat((begun) => {
    setThread(begun);
    // Replaced without a navigation: the turns on screen stay, and a reload finds the thread.
    window.history.replaceState(null, "", `?thread=${encodeURIComponent(begun)}`);
  });
  const pick = (id: string | null) => {
    chat.clear();
    setStored(id);
    setThread(id);
    setUrl(id);
  };
  const begun = chat.turns.length > 0 || stored !== null;
  return (
    <div className="grid grid-cols-1 gap-2 lg:h-full lg:grid-cols-[260px_minmax(0,1fr)]">
      <h1 className="sr-only">Chat</h1>
      <Threads current={thread} onPick={pick} />
      <section
        aria-label="Conversation"
        data-panel=""
        tabIndex={-1}
        className="flex min-h-0 flex-col rounded-card border border-line bg-s2"
      >
        <Scroll role="log" label="Turns" className="min-h-0 flex-1 overflow-auto p-3">
          <div className="mx-auto flex max-w-[820px] flex-col gap-4">
            {stored ? <History query={history} /> : null}
            {begun ? null : (
              <Empty>
                Ask the ten agents. Every figure in an answer opens its source; what would move money waits
                for your yes.
              </Empty>
            )}
            {chat.turns.map((turn) => (
              <TurnView
                key={turn.startedAt}
                turn={turn}
                onStop={chat.stop}
                onRetry={() => void chat.ask(turn.question, thread)}
                onAgent={(agent) => void chat.ask(turn.question, thread, agent)}
              />
            ))}
          </div>
        </Scroll>
        <div className="border-t border-line p-3">
          <div className="mx-auto max-w-[820px]">
            <Composer
              key={asked ?? ""}
              label="Ask the agents"
              initial={asked ?? ""}
              busy={chat.busy}
              examples={begun ? [] : EXAMPLES[person.role]}
              onAsk={(text) => void chat.ask(text, thread)}
            />
          </div>
        </div>
      </section>
    </div>
  );
}

function History({ query }: { query: ReturnType<typeof useThread> }): ReactNode {
  if (query.isPending) return <Skeleton label="the thread" />;
  if (!query.data) {
    const gone = query.error instanceof ApiProblem && query.error.status === 404;
    return gone ? (
      <Empty>This thread is gone. New starts another.</Empty>
    ) : (
      <Trouble error={query.error} retry={() => void query.refetch()} />
    );
  }
  return query.data.turns.map((turn) => (
    <article
      key={turn.asked_at}
      className="flex flex-col gap-2"
      aria-label={`Question: ${turn.question.slice(0, 80)}`}
    >
      <Question text={turn.question} />
      <div className="rounded-card border border-line bg-s1 p-3">
        {turn.answer ? (
          <>
            <AnswerView answer={turn.answer} />
            <CaseMaker question={turn.question} answer={turn.answer} />
          </>
        ) : (
          <Empty>This turn has no answer; it was stopped.</Empty>
        )}
      </div>
    </article>
  ));
}
