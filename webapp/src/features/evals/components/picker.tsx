"use client";
import { type ReactNode, useState } from "react";
import { Button, INPUT } from "@/features/ui/controls";

/** A choice that counts when it is set: keys that move through the options change nothing yet. */
export function Picker(props: {
  label: string;
  value: string;
  options: readonly { value: string; label: string }[];
  disabled: boolean;
  pending: boolean;
  title: string;
  onSet: (value: string) => void;
}): ReactNode {
  const [draft, setDraft] = useState<string | null>(null);
  const shown = draft ?? props.value;
  const set = () => {
    props.onSet(shown);
    setDraft(null);
  };
  return (
    <span className="flex flex-wrap items-center gap-1 py-0.5">
      <select
        className={`${INPUT} max-w-60`}
        aria-label={props.label}
        value={shown}
        disabled={props.disabled}
        title={props.disabled ? props.title : undefined}
        onChange={({ target }) => setDraft(target.value)}
      >
        {props.options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      {shown === props.value ? null : (
        <Button look="primary" disabled={props.pending} aria-label={`Set ${props.label}`} onClick={set}>
          Set
        </Button>
      )}
    </span>
  );
}
