"""`tenor orders`, `positions`, `halt`, `resume`."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from api.commands.seat import Seat
from api.holder import Outcome
from api.placing import amend_one, cancel_many, cancel_one, placed_view, propose_held, submit_ticket
from api.routes.system import halt_view
from api.tickets import Amendment, Ticket
from api.views import order_view, plain
from desk.errors import InputError
from desk.identity.roles import Action, Person, Role, check_may
from desk.trading.halt import HaltState

_Form = TypeVar("_Form", bound=BaseModel)


async def orders(seat: Seat) -> Outcome:
    """`list`, or in somebody's name: `place`, `amend`, `cancel`."""
    verbs = {"list": _list, "place": _place, "amend": _amend, "cancel": _cancel}
    return verbs[seat.args.verb](seat)


def _list(seat: Seat) -> Outcome:
    """The newest orders, or those of the accounts of `--as`."""
    desk, reader, args = seat.runtime.desk, seat.reader(), seat.args
    accounts = None if reader is None or reader.role is Role.COMPLIANCE else reader.accounts
    if args.most < 1:
        raise InputError(f"--most {args.most} is no number of orders; give at least 1")
    page = desk.trading.page(lambda order: accounts is None or order.account in accounts, args.most, args.before)
    views = [order_view(desk, status.order, status).model_dump(mode="json") for status in page.orders]
    lines = [_line(view) for view in views]
    if page.older:
        lines.append(f"Older ones: tenor orders list --before {page.older}")
    return Outcome(0, {"orders": views, "older": page.older}, "\n".join(lines) or "No orders yet.")


def _place(seat: Seat) -> Outcome:
    """Sends an order through the gate; above one's threshold it becomes a proposal."""
    person, args, runtime = trader_of(seat), seat.args, seat.runtime
    typed = {
        "account": args.account or only_account(person),
        "instrument": args.instrument,
        "side": args.side,
        "quantity": args.quantity,
        "type": args.type,
        "limit_price": args.limit,
        "stop_price": args.stop,
        "time_in_force": args.tif,
        "expires": args.expires,
        "display": args.display,
        "post_only": args.post_only,
        "client_id": args.client_id,
    }
    done = submit_ticket(runtime, person, read_form(Ticket, typed))
    placed = propose_held(runtime, person, done) if done.held else placed_view(runtime, done)
    if placed.approval is not None:
        said = f"Above your threshold: proposal {placed.approval.id} waits for a yes."
    else:
        said = _line(order_view(runtime.desk, done.order, done.status).model_dump(mode="json"))
    return Outcome(0, placed.model_dump(mode="json"), said)


def _amend(seat: Seat) -> Outcome:
    typed = {"quantity": seat.args.quantity, "limit_price": seat.args.limit}
    order = amend_one(seat.runtime, trader_of(seat), seat.args.id, read_form(Amendment, typed)).model_dump(mode="json")
    return Outcome(0, {"order": order}, _line(order))


def _cancel(seat: Seat) -> Outcome:
    person, args = trader_of(seat), seat.args
    if bool(args.id) == args.all:
        raise InputError("name one order to cancel, or give --all")
    if args.id:
        order = cancel_one(seat.runtime, person, args.id).model_dump(mode="json")
        return Outcome(0, {"order": order}, _line(order))
    done = cancel_many(seat.runtime, person, args.account, args.instrument).model_dump(mode="json")
    left = f"; on their way, ask again: {', '.join(done['not_yet'])}" if done["not_yet"] else ""
    return Outcome(0, done, f"Cancelled {len(done['orders'])} orders{left}.")


def trader_of(seat: Seat) -> Person:
    """The person of `--as`, when they may trade."""
    person = seat.named()
    check_may(person, Action.TRADE)
    return person


def only_account(person: Person) -> str:
    """The account of somebody who has one; InputError otherwise."""
    if len(person.accounts) != 1:
        raise InputError(f"{person.name} has {len(person.accounts)} accounts; name one with --account")
    return next(iter(person.accounts))


def read_form(form: type[_Form], typed: dict[str, object]) -> _Form:
    """The form of what was typed; InputError names the field."""
    try:
        return form.model_validate(typed)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _line(order: dict[str, Any]) -> str:
    why = f" ({order['reason']})" if order["reason"] else ""
    return (
        f"{order['id']}  {order['side']} {order['quantity']:g} {order['instrument']} for {order['account']}: "
        f"{order['state']}, filled {order['filled']:g}{why}"
    )


async def positions(seat: Seat) -> Outcome:
    """What every account holds, or those of `--as`, with the price now."""
    desk, reader = seat.runtime.desk, seat.reader()
    every = reader is None or reader.role is Role.COMPLIANCE
    rows: list[dict[str, object]] = []
    for position in desk.trading.positions():
        if not every and reader is not None and position.account not in reader.accounts:
            continue
        instrument = desk.feed.instruments.known(position.instrument)
        price = desk.feed.quote(position.instrument).last_ticks * instrument.tick if instrument else None
        rows.append(
            {
                "account": position.account,
                "instrument": position.instrument,
                "quantity": float(position.quantity),
                "price": plain(price),
                "average_cost": float(round(position.average_cost, 4)),
                "currency": instrument.currency if instrument else "",
            }
        )
    lines = [
        f"{r['account']:12} {r['quantity']:>12} {r['instrument']:14} "
        + ("no longer listed" if r["price"] is None else f"at {r['price']} {r['currency']}")
        for r in rows
    ]
    return Outcome(0, {"positions": rows}, "\n".join(lines) or "No positions.")


async def halt(seat: Seat) -> Outcome:
    """Halts the desk at once."""
    person = seat.named()
    check_may(person, Action.HALT)
    return _halt_outcome(seat.runtime.desk.halt(person, seat.args.reason))


async def resume(seat: Seat) -> Outcome:
    """One of the two people who resume."""
    person = seat.named()
    check_may(person, Action.RESUME)
    return _halt_outcome(seat.runtime.desk.resume(person))


def _halt_outcome(state: HaltState) -> Outcome:
    view = halt_view(state).model_dump(mode="json")
    if not state.halted:
        return Outcome(0, view, "The desk trades.")
    votes = f"; asked to resume: {', '.join(state.resume)} of {state.needed}" if state.resume else ""
    return Outcome(
        0, view, f"The desk is halted by {state.by} since {state.at}: {state.reason or 'no reason given'}{votes}"
    )
