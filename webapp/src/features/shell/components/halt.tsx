"use client";
import type { ReactNode } from "react";
import { useSystem } from "@/client/queries-desk";
import { Button } from "@/features/ui/controls";
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
