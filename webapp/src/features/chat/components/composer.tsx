"use client";
import { type FormEvent, type ReactNode, useState } from "react";
import { Button, INPUT } from "@/features/ui/controls";
import { Icon } from "@/features/ui/icons";
import { refuseQuestion } from "../lib/question";

export function Composer({
  label,
  busy,
  initial = "",
  examples = [],
  onAsk,
}: {
  label: string;
  busy: boolean;
  initial?: string;
  examples?: string[];
  onAsk: (text: string) => void;
}): ReactNode {
  const [text, setText] = useState(initial);
  const [refused, setRefused] = useState<string | null>(null);
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (busy) return;
    const reason = refuseQuestion(text);
    setRefused(reason);
    if (reason) return;
    onAsk(text.trim());
    setText("");
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      {examples.length > 0 ? (
        <div className="flex flex-wrap gap-2">
          {examples.map((example) => (
            <Button
              key={example}
              className="h-auto! min-h-8 py-1 text-left whitespace-normal!"
              onClick={() => setText(example)}
            >
              {example}
            </Button>
          ))}
        </div>
      ) : null}
      <div className="flex items-end gap-2">
        <textarea
          aria-label={label}
          aria-invalid={refused !== null}
          placeholder={label}
          rows={2}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setRefused(null);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
              event.preventDefault();
              submit();
            }
          }}
          className={`${INPUT} h-auto! max-h-48 min-h-12 resize-y py-1.5`}
        />
        <Button type="submit" look="primary" disabled={busy}>
          <Icon name="send" /> Ask
        </Button>
      </div>
      {refused ? (
        <p role="alert" className="text-desk text-down">
          ✕ {refused}
        </p>
      ) : null}
    </form>
  );
}
