"""`tenor ask` and `tenor approvals`."""

from __future__ import annotations

import asyncio
import time

from api.commands.seat import Seat
from api.holder import Outcome
from api.views import approval_view
from desk.identity.roles import Person
from desk.orders import FINAL_STATES
from desk.trading.approvals import Approval, Decision
from graphs.compose import plain_text

WAIT_S = 10.0


async def ask(seat: Seat) -> Outcome:
    """One turn through the supervisor; a refusal or an abstention is an answer."""
    await seat.runtime.models.ready()
    args = seat.args
    answer = await seat.runtime.ask(args.question, seat.person(), args.thread, agent=args.agent, locale=args.locale)
    return Outcome(0, answer, _answer_text(answer))


async def approvals(seat: Seat) -> Outcome:
    """list, show, approve, reject."""
    verb = seat.args.verb
    if verb == "list":
        return _list(seat)
    if verb == "show":
        approval = seat.runtime.desk.approvals.get(seat.args.id)
        view = approval_view(seat.runtime.desk, approval, seat.person()).model_dump(mode="json")
        return Outcome(0, view, _approval_text(view))
    person = seat.named()
    decision: Decision = "approve" if verb == "approve" else "refuse"
    approval = await seat.runtime.answer_approval(seat.args.id, person, decision, seat.args.reason)
    if approval.state == "approved":
        await _wait_for_fills(seat, approval)
    return _answered(seat, approval, person)


def _list(seat: Seat) -> Outcome:
    desk, reader = seat.runtime.desk, seat.reader()
    found = desk.approvals.list(None if seat.args.all else "waiting")
    seen = [a for a in found if reader is None or desk.approvals.visible_to(reader, a)]
    views = [approval_view(desk, a, reader or seat.person()).model_dump(mode="json") for a in seen]
    text = "\n".join(f"{v['id']}  {v['state']:8}  {_order_text(v['order'])}  until {v['expires_at']}" for v in views)
    return Outcome(0, {"approvals": views}, text or "Nothing waits for approval.")


async def _wait_for_fills(seat: Seat, approval: Approval) -> None:
    """Up to 10 s, until every order is done or rests at the venue."""
    ends = time.monotonic() + WAIT_S
    while time.monotonic() < ends:
        found = seat.runtime.orders_of(approval)
        if all(status is not None and status.state in FINAL_STATES for status in found):
            return
        await asyncio.sleep(0.01)


def _answered(seat: Seat, approval: Approval, person: Person) -> Outcome:
    view = approval_view(seat.runtime.desk, approval, person).model_dump(mode="json")
    orders = [
        {"id": o["id"], "state": o["state"], "filled": o["filled"], "average_price": o["average_price"]}
        for o in view["orders"]
    ]
    result: dict[str, object] = {"id": approval.id, "state": approval.state, "order": orders[0], "orders": orders}
    lines = [f"Approval {approval.id}: {approval.state}"]
    lines += [f"  {_order_text(o)}: {o['state']}, filled {o['filled']:g}" for o in view["orders"]]
    return Outcome(0, result, "\n".join(lines))


def _order_text(order: dict[str, object]) -> str:
    price = f" at {order['limit_price']}" if order["limit_price"] is not None else ""
    return f"{order['side']} {order['quantity']} {order['instrument']}{price} for {order['account']}"


def _approval_text(view: dict[str, object]) -> str:
    lines = [f"{view['id']}: {view['state']}, expires {view['expires_at']}"]
    orders = view["orders"]
    if isinstance(orders, list):
        lines += [f"  {_order_text(order)}" for order in orders]
    lines.append(f"  {view['why']}")
    return "\n".join(lines)


def _answer_text(answer: dict[str, object]) -> str:
    lines = [f"Read as: {answer['read_as']}", ""] if answer["read_as"] else []
    lines.append(plain_text(str(answer["answer"])))
    citations, facts = answer["citations"], answer["facts"]
    if isinstance(citations, list) and citations:
        lines += ["", *(f"[{c['document']}, {c['section']}, page {c['page']}] {c['quote'][:200]}" for c in citations)]
    if isinstance(facts, list) and facts:
        lines += ["", *(f"{f['label']}: {f['value']} {f['unit']} ({f['as_of']}; {f['source']})" for f in facts)]
    approval = answer["approval"]
    if isinstance(approval, dict):
        lines += ["", f"Waits for approval {approval['id']} until {approval['expires_at']}: {approval['needs']}."]
        lines.append(f"Answer with: tenor approvals approve {approval['id']} --as USER")
    timings = answer["timings"]
    if isinstance(timings, dict):
        lines += ["", f"({answer['narrator']}, {timings['total_ms']:.0f} ms, USD {answer['cost_usd']})"]
    return "\n".join(lines)
