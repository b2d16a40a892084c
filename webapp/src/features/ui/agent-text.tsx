/** The frame around anything an agent wrote, so that it is never taken for a record. */
import type { ReactNode } from "react";

export function AgentText({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <section aria-label={title} className="rounded-card border border-sim bg-sim/8 p-3">
      <h3 className="mb-1 text-head font-semibold text-sim">
        <span aria-hidden="true">✦ </span>
        {title}
      </h3>
      <div className="text-desk text-fg">{children}</div>
    </section>
  );
}
