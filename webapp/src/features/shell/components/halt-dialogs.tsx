"use client";
import type { ReactNode } from "react";
import { useHalt, useSystem } from "@/client/queries-desk";
import { Confirm } from "@/features/ui/dialog";
import { useShell } from "../hooks/use-shell";

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
