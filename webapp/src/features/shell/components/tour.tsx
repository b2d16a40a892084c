"use client";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import type { Role } from "@/client/contract";
import { Button } from "@/features/ui/controls";
import { useShell } from "../hooks/use-shell";
import { TOURS } from "../lib/tour-steps";

/** Five steps beside the work, not over it: shown once per role, again from the person's menu. Esc ends it. */
export function Tour({ role }: { role: Role }): ReactNode {
  const stored = `tenor.tour.${role}`;
  const asked = useShell((state) => state.open === "tour");
  const show = useShell((state) => state.show);
  const [fresh, setFresh] = useState(() => localStorage.getItem(stored) === null);
  const [at, setAt] = useState(0);
  const router = useRouter();
  if (!fresh && !asked) return null;
  const steps = TOURS[role];
  const step = steps[at] ?? steps[0];
  const end = () => {
    localStorage.setItem(stored, "done");
    setFresh(false);
    setAt(0);
    if (asked) show(null);
  };
  const move = (to: number) => {
    setAt(to);
    const next = steps[to];
    if (next) router.push(next.path);
  };
  return (
    <aside
      aria-label="Guided tour"
      onKeyDown={(event) => {
        if (event.key === "Escape") end();
      }}
      className="fixed bottom-16 right-2 z-20 flex w-[min(340px,calc(100vw-16px))] flex-col gap-2 rounded-card border border-accent bg-s2 p-4 shadow-xl sm:bottom-4 sm:right-4"
    >
      <p className="text-head text-fg3">
        Step {at + 1} of {steps.length}
      </p>
      <div aria-live="polite">
        <h2 className="text-form font-semibold">{step.title}</h2>
        <p className="text-desk text-fg2">{step.text}</p>
      </div>
      <div className="flex justify-between gap-2">
        <Button look="quiet" onClick={end}>
          End tour
        </Button>
        <div className="flex gap-2">
          <Button disabled={at === 0} onClick={() => move(at - 1)}>
            Back
          </Button>
          {at < steps.length - 1 ? (
            <Button look="primary" onClick={() => move(at + 1)}>
              Next
            </Button>
          ) : (
            <Button look="primary" onClick={end}>
              Done
            </Button>
          )}
        </div>
      </div>
    </aside>
  );
}
