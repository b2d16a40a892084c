"use client";
import { type FormEvent, type ReactNode, useState } from "react";
import type { ScheduleChange, ScheduleDetail } from "@/client/contract";
import { sentence } from "@/client/http";
import { useAmendSchedule } from "@/client/queries-schedules";
import { readNumber } from "@/features/desk/lib/draft";
import { Button, Field, INPUT } from "@/features/ui/controls";
import { Dialog } from "@/features/ui/dialog";
import { formatPlain } from "@/features/ui/format";

export function AmendBox({ data, onDone }: { data: ScheduleDetail; onDone: () => void }): ReactNode {
  const { terms } = data;
  const [quantity, setQuantity] = useState(String(terms.quantity));
  const [end, setEnd] = useState(terms.end.slice(11, 19));
  const [limit, setLimit] = useState(terms.limit_price === null ? "" : String(terms.limit_price));
  const amend = useAmendSchedule(data.id);
  const change: ScheduleChange = {};
  if (readNumber(quantity) !== terms.quantity) change.quantity = readNumber(quantity);
  if (end !== terms.end.slice(11, 19)) change.end = end;
  if (limit !== "" && readNumber(limit) !== terms.limit_price) change.limit_price = readNumber(limit);
  const wrong = Number.isNaN(change.quantity) || Number.isNaN(change.limit_price);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    amend.mutate(change, { onSuccess: onDone });
  };
  return (
    <Dialog
      open
      onOpenChange={onDone}
      title={`Amend schedule ${data.id}`}
      description="The rest is planned anew from now to the end. More, or another limit, may need a second person: then cancel and start another."
    >
      <form className="flex flex-col gap-3" onSubmit={submit}>
        <Field label="Whole quantity" hint={`${formatPlain(data.filled)} of it is filled.`}>
          <input
            className={`${INPUT} text-right`}
            inputMode="decimal"
            value={quantity}
            onChange={(event) => setQuantity(event.target.value)}
          />
        </Field>
        <Field label="End, UTC on the market clock">
          <input className={INPUT} value={end} onChange={(event) => setEnd(event.target.value)} />
        </Field>
        <Field label="Limit price" hint="A limit can be changed, not taken away.">
          <input
            className={`${INPUT} text-right`}
            inputMode="decimal"
            value={limit}
            onChange={(event) => setLimit(event.target.value)}
          />
        </Field>
        {amend.error ? (
          <p role="alert" className="text-desk text-down">
            ✕ {sentence(amend.error)}
          </p>
        ) : null}
        <div className="flex justify-end gap-2">
          <Button onClick={onDone}>Keep as it is</Button>
          <Button
            type="submit"
            look="primary"
            disabled={wrong || Object.keys(change).length === 0 || amend.isPending}
          >
            {amend.isPending ? "Amending…" : "Amend the schedule"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
