"use client";
import Link from "next/link";
import type { ReactNode } from "react";
import type { Approval } from "@/client/contract";
import { useApprovals } from "@/client/queries";
import { ExpiryTimer } from "@/features/approvals/components/expiry-timer";
import { orderLine } from "@/features/approvals/lib/words";
import { Empty, Loaded, Panel } from "@/features/ui/panel";

const soonest = (a: Approval, b: Approval) => a.expires_at.localeCompare(b.expires_at);

export function ApprovalsSummary({ wide }: { wide: boolean }): ReactNode {
  const query = useApprovals("waiting");
  return (
    <Panel
      title="Approvals, soonest first"
      className={wide ? "lg:row-span-2 lg:row-start-1 lg:col-start-3" : ""}
    >
      <Loaded query={query} label="approvals">
        {(all) =>
          all.length === 0 ? (
            <Empty>Nothing waits for a yes. Agents' trades appear here before they are sent.</Empty>
          ) : (
            <ul>
              {[...all].sort(soonest).map((each) => (
                <li key={each.id}>
                  <Link
                    href={`/approvals/?id=${encodeURIComponent(each.id)}`}
                    prefetch={false}
                    className="flex min-h-11 items-center justify-between gap-2 border-b border-line px-3 py-1 text-compact -outline-offset-2 hover:bg-s2"
                  >
                    <span className="min-w-0">
                      <span className="block truncate font-semibold">{orderLine(each)}</span>
                      <span className="text-fg3">
                        {each.id} · {each.proposed_by.agent || "typed by hand"}
                      </span>
                    </span>
                    <ExpiryTimer at={each.expires_at} />
                  </Link>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}
