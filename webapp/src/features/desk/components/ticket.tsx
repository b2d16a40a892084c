"use client";
import Link from "next/link";
import { type FormEvent, type ReactNode, useMemo } from "react";
import type { Instrument, OrderAnswer, OrderCheck } from "@/client/contract";
import { sentence } from "@/client/http";
import { useSystem } from "@/client/queries-desk";
import { useShell } from "@/features/shell/hooks/use-shell";
import { Badge } from "@/features/ui/badge";
import { Button, Choice, Field, INPUT } from "@/features/ui/controls";
import { formatMoney, formatNumber, formatPlain } from "@/features/ui/format";
import { Panel } from "@/features/ui/panel";
import { Checks } from "@/features/ui/rule-checks";
import { useTicket } from "../hooks/use-ticket";
import { Prices, Terms, withType } from "./ticket-terms";
import { useStale } from "./watchlist";

export function Ticket({ instrument, accounts }: { instrument: Instrument; accounts: string[] }): ReactNode {
  const draft = useShell((state) => state.draft);
  const mine = draft?.instrument === instrument.id ? draft : null;
  // A new instrument or a new draft from the palette starts a fresh ticket.
  return (
    <Panel title={`Order ticket · ${instrument.symbol}`}>
      <TicketForm key={`${instrument.id}-${mine?.stamp ?? 0}`} instrument={instrument} accounts={accounts} />
    </Panel>
  );
}

function TicketForm({ instrument, accounts }: { instrument: Instrument; accounts: string[] }): ReactNode {
  const draft = useShell((state) => state.draft);
  const own = useMemo(() => (draft?.instrument === instrument.id ? draft : null), [draft, instrument.id]);
  const ticket = useTicket(instrument.id, accounts[0] ?? "", own);
  const { fields, change, preview } = ticket;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ticket.runPreview();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3 p-3">
      <Choice
        label="Side"
        value={fields.side}
        onChange={(side) => change({ side })}
        options={[
          { value: "buy", label: "B Buy", tone: "bg-buy text-onfill" },
          { value: "sell", label: "S Sell", tone: "bg-down text-onfill" },
        ]}
      />
      {accounts.length > 1 ? (
        <Field label="Account">
          <select
            className={INPUT}
            value={fields.account}
            onChange={(event) => change({ account: event.target.value })}
          >
            {accounts.map((account) => (
              <option key={account}>{account}</option>
            ))}
          </select>
        </Field>
      ) : (
        <p className="text-compact text-fg2">Account {fields.account}</p>
      )}
      <div className="grid grid-cols-2 gap-2">
        <Field label={`Quantity (lot ${formatPlain(instrument.lot)})`}>
          <input
            className={`${INPUT} text-right`}
            inputMode="decimal"
            value={fields.quantity}
            onChange={(event) => change({ quantity: event.target.value })}
          />
        </Field>
        <Prices fields={fields} change={change} instrument={instrument} />
      </div>
      <Choice
        label="Type"
        value={fields.type}
        onChange={(type) => change(withType(fields, type))}
        options={[
          { value: "market", label: "Market" },
          { value: "limit", label: "Limit" },
          { value: "stop", label: "Stop" },
          { value: "stop_limit", label: "Stop limit" },
        ]}
      />
      <Terms fields={fields} change={change} instrument={instrument} />
      {ticket.wrong || ticket.check.error || ticket.send.error ? (
        <p role="alert" className="text-desk text-down">
          ✕ {ticket.wrong ?? sentence(ticket.check.error ?? ticket.send.error)}
        </p>
      ) : null}
      {preview ? (
        <PreviewBox check={preview.check} />
      ) : (
        <Button type="submit" look="primary" disabled={ticket.check.isPending}>
          {ticket.check.isPending
            ? "Checking…"
            : `Preview ${fields.side} ${fields.quantity || ""} ${instrument.symbol}`}
        </Button>
      )}
      {preview ? (
        <SendRow
          verb={`Send ${fields.side} ${formatPlain(preview.order.quantity)} ${instrument.symbol}`}
          side={fields.side}
          ok={preview.check.ok}
          pending={ticket.send.isPending}
          needsApproval={preview.check.needs_approval}
          onSend={ticket.runSend}
          onDrop={ticket.drop}
        />
      ) : null}
      {ticket.send.data ? <Sent answer={ticket.send.data} /> : null}
    </form>
  );
}

function PreviewBox({ check }: { check: OrderCheck }): ReactNode {
  const { estimate } = check;
  return (
    <div className="flex flex-col gap-2 rounded-ctl border border-line bg-s2 p-2" aria-live="polite">
      {estimate ? (
        <p className="text-compact text-fg2">
          About {formatMoney(estimate.notional, estimate.notional_currency)} at{" "}
          {formatNumber(estimate.price, 4)}, commission {formatMoney(estimate.commission, estimate.currency)}
        </p>
      ) : (
        <p className="text-compact text-fg2">
          No estimate: {check.message || "the gate stopped before pricing it"}
        </p>
      )}
      <Checks checks={check.checks} brief />
      {check.needs_approval ? (
        <Badge tone="warn">Above your threshold: Send asks for an approval</Badge>
      ) : null}
    </div>
  );
}

function SendRow(props: {
  verb: string;
  side: "buy" | "sell";
  ok: boolean;
  pending: boolean;
  needsApproval: boolean;
  onSend: () => void;
  onDrop: () => void;
}): ReactNode {
  const stale = useStale();
  const halted = useSystem().data?.halt.halted ?? false;
  const blocked = halted
    ? "The desk is halted; no order passes the gate."
    : stale
      ? "The live prices are stale or not connected; waiting for the stream."
      : props.ok
        ? null
        : "A check failed; change the order.";
  return (
    <>
      {blocked ? (
        <p role="status" className="text-compact text-warn">
          ◐ Send blocked. {blocked}
        </p>
      ) : null}
      <div className="flex gap-2">
        <Button
          look={props.side === "buy" ? "buy" : "sell"}
          className="flex-1"
          disabled={blocked !== null || props.pending}
          onClick={props.onSend}
        >
          {props.pending ? "Sending…" : props.needsApproval ? "Ask for approval" : props.verb}
        </Button>
        <Button onClick={props.onDrop}>Drop</Button>
      </div>
    </>
  );
}

function Sent({ answer }: { answer: OrderAnswer }): ReactNode {
  if (answer.approval) {
    return (
      <p role="status" className="text-desk text-fg2">
        Waits for a yes:{" "}
        <Link
          className="text-accent underline"
          href={`/approvals/?id=${encodeURIComponent(answer.approval.id)}`}
        >
          proposal {answer.approval.id}
        </Link>
      </p>
    );
  }
  return (
    <p role="status" className="text-desk text-fg2">
      Order {answer.order?.id}: {answer.order?.state}, filled {formatPlain(answer.order?.filled)}
      {answer.order?.reason ? `. ${answer.order.reason}` : ""}
    </p>
  );
}
