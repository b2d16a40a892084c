"use client";
import { type ReactNode, useState } from "react";
import type { ApiKey } from "@/client/contract";
import { useKeys, useRevokeKey } from "@/client/queries-desk";
import { Badge } from "@/features/ui/badge";
import { Button } from "@/features/ui/controls";
import { Confirm } from "@/features/ui/dialog";
import { formatDate } from "@/features/ui/format";
import { Icon } from "@/features/ui/icons";
import { Loaded, Panel } from "@/features/ui/panel";
import { Table } from "@/features/ui/table";
import { CreateKey, dailyBudget } from "./create-key";

export function KeysPanel(): ReactNode {
  const query = useKeys();
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const revoke = useRevokeKey();
  return (
    <Panel
      title="API keys"
      aside={
        <Button className="h-7!" onClick={() => setCreating(true)}>
          <Icon name="key" /> Create…
        </Button>
      }
    >
      <Loaded
        query={query}
        label="the keys"
        isEmpty={(data) => data.length === 0}
        empty="No keys. A key lets a program act with the scopes you give it; it can never approve."
      >
        {(keys) => (
          <Table
            caption="API keys"
            rows={keys}
            rowKey={(row) => row.id}
            columns={[
              { head: "Name", cell: (row) => <span title={row.id}>{row.name}</span> },
              { head: "Scopes", cell: (row) => row.scopes.join(", ") },
              { head: "Models", cell: (row) => dailyBudget(row.budget_usd) },
              { head: "Ends", cell: (row) => formatDate(row.expires_at) },
              {
                head: "Revoke",
                cell: (row) =>
                  row.revoked_at ? (
                    <Badge tone="off">revoked</Badge>
                  ) : (
                    <Button
                      look="quiet"
                      className="h-6!"
                      aria-label={`Revoke the key ${row.name}`}
                      onClick={() => setRevoking(row)}
                    >
                      Revoke…
                    </Button>
                  ),
                right: true,
              },
            ]}
          />
        )}
      </Loaded>
      {creating ? <CreateKey onClose={() => setCreating(false)} /> : null}
      <Confirm
        open={revoking !== null}
        onOpenChange={() => setRevoking(null)}
        title={`Revoke the key ${revoking?.name ?? ""}?`}
        consequence="Programs that use it are refused from now on. It cannot be brought back."
        verb="Revoke"
        look="danger"
        pending={revoke.isPending}
        error={revoke.error}
        onConfirm={() => revoking && revoke.mutate(revoking.id, { onSuccess: () => setRevoking(null) })}
      />
    </Panel>
  );
}
