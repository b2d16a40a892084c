"use client";
/** Dialog for reading, Confirm for acting. Confirm puts focus on Cancel and can ask for a reason. */
import { AlertDialog as RadixAlert, Dialog as RadixDialog } from "radix-ui";
import { type ReactNode, useState } from "react";
import { sentence } from "@/client/http";
import { Button, Field, INPUT } from "./controls";
import { Icon } from "./icons";

const SHADE = "fixed inset-0 z-40 bg-bg/80";
const BOX =
  "fixed left-1/2 top-1/2 z-40 flex max-h-[85vh] w-[min(560px,calc(100vw-24px))] -translate-x-1/2 -translate-y-1/2 flex-col gap-3 overflow-auto rounded-card border border-line bg-s2 p-4 shadow-xl";

export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: string;
  children: ReactNode;
}): ReactNode {
  return (
    <RadixDialog.Root open={open} onOpenChange={onOpenChange}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className={SHADE} />
        <RadixDialog.Content className={BOX} {...(description ? {} : { "aria-describedby": undefined })}>
          <div className="flex items-start justify-between gap-4">
            <RadixDialog.Title className="text-h2 font-semibold">{title}</RadixDialog.Title>
            <RadixDialog.Close asChild>
              <Button look="quiet" aria-label="Close">
                <Icon name="close" />
              </Button>
            </RadixDialog.Close>
          </div>
          {description ? (
            <RadixDialog.Description className="text-form text-fg2">{description}</RadixDialog.Description>
          ) : null}
          {children}
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

export interface ConfirmProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  consequence: string;
  verb: string;
  look?: "primary" | "danger" | "buy" | "sell";
  reason?: "none" | "optional" | "required";
  pending?: boolean;
  error?: unknown;
  /** Further fields above the reason. */
  children?: ReactNode;
  onConfirm: (reason: string) => void;
}

export function Confirm({
  open,
  onOpenChange,
  title,
  consequence,
  verb,
  look = "primary",
  reason = "none",
  pending = false,
  error,
  children,
  onConfirm,
}: ConfirmProps): ReactNode {
  const [text, setText] = useState("");
  const blocked = pending || (reason === "required" && text.trim().length < 3);
  return (
    <RadixAlert.Root open={open} onOpenChange={onOpenChange}>
      <RadixAlert.Portal>
        <RadixAlert.Overlay className={SHADE} />
        <RadixAlert.Content className={BOX}>
          <RadixAlert.Title className="text-h2 font-semibold">{title}</RadixAlert.Title>
          <RadixAlert.Description className="text-form text-fg2">{consequence}</RadixAlert.Description>
          {children}
          {reason === "none" ? null : (
            <Field
              label={reason === "required" ? "Reason (required)" : "Reason (optional)"}
              hint="Kept in the audit log."
            >
              <textarea
                className={`${INPUT} h-20 max-sm:h-24 py-1.5`}
                value={text}
                maxLength={500}
                onChange={(event) => setText(event.target.value)}
              />
            </Field>
          )}
          {error ? (
            <p role="alert" className="text-desk text-down">
              ✕ {sentence(error)}
            </p>
          ) : null}
          <div className="flex justify-end gap-2">
            <RadixAlert.Cancel asChild>
              <Button>Cancel</Button>
            </RadixAlert.Cancel>
            <Button look={look} disabled={blocked} onClick={() => onConfirm(text.trim())}>
              {pending ? "Sending…" : verb}
            </Button>
          </div>
        </RadixAlert.Content>
      </RadixAlert.Portal>
    </RadixAlert.Root>
  );
}
