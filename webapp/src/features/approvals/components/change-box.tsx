"use client";
import { type FormEvent, type ReactNode, useState } from "react";
import type { Approval } from "@/client/contract";
import { sentence } from "@/client/http";
import { useChangeApproval } from "@/client/queries";
import { Button, Field, INPUT } from "@/features/ui/controls";
import { Dialog } from "@/features/ui/dialog";
import { useQueryParam } from "@/features/ui/use-query-param";
import { type ChangeRow, readChanges } from "../lib/changes";

/** Other quantities or limits for the orders of a proposal: the gate judges them, a new proposal waits. */
export function ChangeBox({ approval, onDone }: { approval: Approval; onDone: () => void }): ReactNode {
  const [rows, setRows] = useState<ChangeRow[]>(
    approval.orders.map((order) => ({
      id: order.client_id,
      name: `${order.side} ${order.instrument}`,
      quantity: String(order.quantity),
      limit: order.limit_price === null ? null : String(order.limit_price),
    })),
  );
  const change = useChangeApproval(approval.id);
  const [, setPicked] = useQueryParam("id");
  const changes = readChanges(rows, approval.orders);
  const edit = (id: string, part: Partial<ChangeRow>) =>
    setRows(rows.map((row) => (row.id === id ? { ...row, ...part } : row)));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typeof changes === "string") return;
    change.mutate(changes, {
      onSuccess: (made) => {
        onDone();
        setPicked(made.id);
      },
    });
  };
  return (
    <Dialog
      open
      onOpenChange={onDone}
      title="Change this proposal"
      description="The gate judges the changed orders now. If it lets them pass, a new proposal takes the place of this one and waits for a yes."
    >
      <form onSubmit={submit} className="flex flex-col gap-3">
        {rows.map((row) => (
          <div key={row.id} className="grid grid-cols-2 gap-2">
            <Field label={`Quantity, ${row.name}`}>
              <input
                className={`${INPUT} text-right`}
                inputMode="decimal"
                value={row.quantity}
                onChange={(event) => edit(row.id, { quantity: event.target.value })}
              />
            </Field>
            {row.limit === null ? null : (
              <Field label={`Limit price, ${row.name}`}>
                <input
                  className={`${INPUT} text-right`}
                  inputMode="decimal"
                  value={row.limit}
                  onChange={(event) => edit(row.id, { limit: event.target.value })}
                />
              </Field>
            )}
          </div>
        ))}
        {change.error ? (
          <p role="alert" className="text-desk text-down">
            ✕ {sentence(change.error)}
          </p>
        ) : null}
        <div className="flex justify-end gap-2">
          <Button onClick={onDone}>Keep as it is</Button>
          <Button type="submit" look="primary" disabled={typeof changes === "string" || change.isPending}>
            {change.isPending ? "Asking the gate…" : "Propose the change"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
