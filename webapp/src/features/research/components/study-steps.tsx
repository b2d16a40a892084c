import type { ReactNode } from "react";
import { STEPS, type StepState } from "../lib/form";

const LOOK: Record<StepState, [string, string, string]> = {
  open: ["○", "text-fg3", "to do"],
  now: ["●", "text-accent", "now"],
  done: ["✓", "text-up", "done"],
  failed: ["✕", "text-down", "failed"],
};

/** Data → signal → backtest → tear sheet, and where the study stands. */
export function StudySteps({ states }: { states: StepState[] }): ReactNode {
  return (
    <ol
      aria-label="Steps"
      className="flex flex-wrap gap-x-3 gap-y-1 border-b border-line px-3 py-2 text-compact"
    >
      {STEPS.map((name, place) => {
        const state = states[place] ?? "open";
        const [glyph, look, word] = LOOK[state];
        return (
          <li key={name} aria-current={state === "now" ? "step" : undefined} className="inline-flex gap-1">
            <span aria-hidden="true" className={look}>
              {glyph}
            </span>
            <span className={state === "open" ? "text-fg3" : "text-fg"}>{name}</span>
            <span className="sr-only">, {word}</span>
            {place < STEPS.length - 1 ? (
              <span aria-hidden="true" className="pl-2 text-fg3">
                →
              </span>
            ) : null}
          </li>
        );
      })}
    </ol>
  );
}
