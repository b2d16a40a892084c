"use client";
import type { ReactNode } from "react";
import { useHalt, useSystem } from "@/client/queries-desk";
import { Button } from "@/features/ui/controls";
import { Confirm } from "@/features/ui/dialog";
import { formatTime } from "@/features/ui/format";
import { useShell } from "../hooks/use-shell";
import { mayHalt } from "../lib/sections";
import { usePerson } from "./person";

/** The bar that stands on every page while the desk is halted. */
export function HaltBar(): ReactNode {
  const halt = useSystem().data?.halt;
  const person = usePerson();
  const show = useShell((state) => state.show);
  if (!halt?.halted) return null;
  const votes = halt.resume.length;
  return (
    <div
      role="alert"
      className="z-60 flex flex-wrap items-center gap-x-3 gap-y-1 bg-halt px-3 py-1.5 text-desk text-onfill"
    >
      <strong>■ HALTED</strong>
      <span>
        by {halt.by ?? "the system"} at {formatTime(halt.at)}: {halt.reason ?? "no reason given"}. No order
        passes the gate.
      </span>
      <span>
        Resume {votes} of {halt.needed}
        {votes > 0 ? ` (${halt.resume.join(", ")})` : ""}
      </span>
      {mayHalt(person.role) ? (
        <Button
          className="ml-auto"
          disabled={halt.resume.includes(person.name)}
          onClick={() => show("resume")}
        >
          {halt.resume.includes(person.name) ? "You voted; a second person must" : "Vote to resume…"}
        </Button>
      ) : null}
    </div>
  );
}

export function HaltDialogs(): ReactNode {
  const open = useShell((state) => state.open);
  const show = useShell((state) => state.show);
  const halt = useHalt("halt");
  const resume = useHalt("resume");
  const needed = useSystem().data?.halt.needed ?? 2;
  const close = () => {
    halt.reset();
    resume.reset();
    show(null);
  };
  return (
    <>
      <Confirm
        key={open === "halt" ? "halt" : "halt-closed"}
        open={open === "halt"}
        onOpenChange={(next) => (next ? show("halt") : close())}
        title="Halt the desk?"
        consequence={`Every order is refused at the gate at once, for everybody, until ${needed} people resume it.`}
        verb="Halt the desk"
        look="danger"
        reason="required"
        pending={halt.isPending}
        error={halt.error}
        onConfirm={(reason) => halt.mutate(reason, { onSuccess: close })}
      />
      <Confirm
        key={open === "resume" ? "resume" : "resume-closed"}
        open={open === "resume"}
        onOpenChange={(next) => (next ? show("resume") : close())}
        title="Vote to resume the desk?"
        consequence={`Orders pass the gate again when ${needed} different people have voted. Your vote is recorded with your reason.`}
        verb="Vote to resume"
        reason="required"
        pending={resume.isPending}
        error={resume.error}
        onConfirm={(reason) => resume.mutate(reason, { onSuccess: close })}
      />
    </>
  );
}
