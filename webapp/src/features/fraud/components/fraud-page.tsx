"use client";
import type { ReactNode } from "react";
import { useAlerts } from "@/client/queries-desk";
import { StateBadge } from "@/features/ui/badge";
import { formatMoney, formatNumber } from "@/features/ui/format";
import { Empty, Loaded, Panel } from "@/features/ui/panel";
import { useQueryParam } from "@/features/ui/use-query-param";
import { useRowKeys } from "@/features/ui/use-row-keys";
import { CasePage } from "./case-page";

export function FraudPage(): ReactNode {
  const query = useAlerts();
  const [id, setId] = useQueryParam("id");
  const rows = query.data ?? [];
  const current = id ?? rows[0]?.id ?? null;
  const step = (by: number) => {
    const at = rows.findIndex((row) => row.id === current);
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
    if (next) setId(next.id);
  };
  useRowKeys({ j: () => step(1), k: () => step(-1) });
  return (
    <div className="grid grid-cols-1 gap-2 lg:h-full lg:grid-cols-[320px_minmax(0,1fr)]">
      <h1 className="sr-only">Fraud</h1>
      <Panel title="Alerts" className="max-lg:max-h-72">
        <Loaded
          query={query}
          label="alerts"
          isEmpty={(data) => data.length === 0}
          empty="No alerts. “tenor fraud scan FILE” looks through a file of transfers."
        >
          {(alerts) => (
            <ul>
              {alerts.map((alert) => (
                <li key={alert.id}>
                  <button
                    type="button"
                    aria-current={alert.id === current ? "true" : undefined}
                    onClick={() => setId(alert.id)}
                    className="flex w-full flex-col gap-0.5 border-b border-line px-3 py-2 text-left text-compact -outline-offset-2 hover:bg-s2 aria-[current]:bg-s3"
                  >
                    <span className="flex justify-between gap-2">
                      <span className="truncate font-semibold">{alert.title}</span>
                      <StateBadge state={alert.state} />
                    </span>
                    <span className="text-fg3">
                      {alert.typology.replaceAll("_", " ")} · {alert.accounts.length} accounts ·{" "}
                      {formatMoney(alert.amount, alert.currency)} · score {formatNumber(alert.score, 2)}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          )}
        </Loaded>
      </Panel>
      {current ? (
        <CasePage key={current} id={current} />
      ) : (
        <Panel title="Case">
          <Empty>Choose an alert on the left.</Empty>
        </Panel>
      )}
    </div>
  );
}
