"""`tenor bots` and `tenor mandates`: strategies that trade, and what agents may trade alone."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from pydantic import JsonValue

from api.commands.seat import Seat
from api.commands.trading import only_account, read_form, trader_of
from api.holder import Outcome
from api.routes.bots import NewBot, act_view, add_bot, bot_view, list_strategies, may_see
from api.routes.mandates import NewMandate, mandate_view, read_terms, revoke
from desk.errors import InputError, NotFound
from desk.identity.roles import Action, Person, check_may


async def bots(seat: Seat) -> Outcome:
    """`list`, `strategies`, `show`; in a trader's name `new`, `start`, `stop`."""
    verbs = {
        "list": _bots,
        "strategies": _strategies,
        "show": _show_bot,
        "new": _new_bot,
        "start": _turn,
        "stop": _turn,
    }
    return verbs[seat.args.verb](seat)


async def mandates(seat: Seat) -> Outcome:
    """`list`, `show`; in somebody's name `propose`, `countersign`, `refuse`, `revoke`."""
    verbs = {"list": _mandates, "show": _show_mandate, "propose": _propose}
    return verbs.get(seat.args.verb, _answer)(seat)


def _bots(seat: Seat) -> Outcome:
    desk, reader = seat.runtime.desk, seat.reader()
    seen = [bot for bot in desk.bots.bots.all() if reader is None or may_see(reader, bot.account)]
    views = [bot_view(desk, bot).model_dump(mode="json") for bot in seen]
    return Outcome(0, {"bots": views}, "\n".join(map(_bot_line, views)) or "No bots yet.")


def _strategies(seat: Seat) -> Outcome:
    found = list_strategies(seat.person()).model_dump(mode="json")
    lines = [
        f"{s['name']:16} {s['about']} Takes: {', '.join(s['parameters']['properties'])}" for s in found["strategies"]
    ]
    return Outcome(0, found, "\n".join(lines))


def _show_bot(seat: Seat) -> Outcome:
    desk, bot = seat.runtime.desk, seat.runtime.desk.bots.bots.get(seat.args.id)
    _check_seen(seat, bot.account, f"bot {bot.id!r}")
    view = bot_view(desk, bot).model_dump(mode="json")
    acts = [act_view(act).model_dump(mode="json") for act in desk.bots.acts.newest(bot=bot.id)]
    return Outcome(0, {"bot": view, "acts": acts}, "\n".join([_bot_line(view), *map(_act_line, acts)]))


def _new_bot(seat: Seat) -> Outcome:
    person, args = trader_of(seat), seat.args
    typed: dict[str, object] = {
        "account": args.account or only_account(person),
        "strategy": args.strategy,
        "parameters": dict(map(_pair, args.set)),
        "universe": args.instrument,
        "most": args.most,
        "max_loss": args.max_loss,
        "bar_minutes": args.bar_minutes,
        "mandate": args.mandate,
    }
    bot = add_bot(seat.runtime.desk, person, read_form(NewBot, typed))
    view = bot_view(seat.runtime.desk, bot).model_dump(mode="json")
    return Outcome(0, {"bot": view}, _bot_line(view))


def _turn(seat: Seat) -> Outcome:
    person, runner = trader_of(seat), seat.runtime.desk.bots
    bot = runner.start(person, seat.args.id) if seat.args.verb == "start" else runner.stop(person, seat.args.id)
    view = bot_view(seat.runtime.desk, bot).model_dump(mode="json")
    return Outcome(0, {"bot": view}, _bot_line(view))


def _mandates(seat: Seat) -> Outcome:
    desk, reader = seat.runtime.desk, seat.reader()
    found = [m for m in desk.bots.mandates.all() if reader is None or may_see(reader, m.terms.account)]
    views = [mandate_view(desk, mandate, seat.person()).model_dump(mode="json") for mandate in found]
    return Outcome(0, {"mandates": views}, "\n".join(map(_mandate_line, views)) or "No mandates yet.")


def _show_mandate(seat: Seat) -> Outcome:
    desk, mandate = seat.runtime.desk, seat.runtime.desk.bots.mandates.get(seat.args.id)
    _check_seen(seat, mandate.terms.account, f"mandate {mandate.id!r}")
    view = mandate_view(desk, mandate, seat.person()).model_dump(mode="json")
    acts = [act_view(act).model_dump(mode="json") for act in desk.bots.acts.newest(mandate=mandate.id)]
    return Outcome(0, {"mandate": view, "acts": acts}, "\n".join([_mandate_line(view), *map(_act_line, acts)]))


def _propose(seat: Seat) -> Outcome:
    person, args, desk = _may(seat, Action.GRANT_MANDATE), seat.args, seat.runtime.desk
    if not 0 < args.days <= 366:
        raise InputError(f"--days {args.days} is not between 0 and 366")
    typed: dict[str, object] = {
        "account": args.account or only_account(person),
        "universe": args.instrument,
        "strategies": args.strategy,
        "budget": args.budget,
        "daily": args.daily,
        "per_order": args.per_order,
        "orders_a_day": args.orders_a_day,
        "max_loss": args.max_loss,
        "opens": args.opens,
        "closes": args.closes,
        "expires_at": desk.wall.now() + timedelta(days=args.days),
        "dry_run": args.dry_run,
    }
    mandate = desk.bots.mandates.propose(person, read_terms(desk, read_form(NewMandate, typed)))
    view = mandate_view(desk, mandate, person).model_dump(mode="json")
    return Outcome(0, {"mandate": view}, f"{_mandate_line(view)}\nA second trader or compliance must countersign it.")


def _answer(seat: Seat) -> Outcome:
    desk, args, book = seat.runtime.desk, seat.args, seat.runtime.desk.bots.mandates
    if args.verb == "revoke":
        person = _may(seat, Action.HALT)
        mandate = revoke(desk, person, args.id, args.reason)
    else:
        person = _may(seat, Action.COUNTERSIGN_MANDATE)
        signs = args.verb == "countersign"
        mandate = book.countersign(args.id, person) if signs else book.refuse(args.id, person, args.reason)
    view = mandate_view(desk, mandate, person).model_dump(mode="json")
    return Outcome(0, {"mandate": view}, _mandate_line(view))


def _may(seat: Seat, action: Action) -> Person:
    person = seat.named()
    check_may(person, action)
    return person


def _check_seen(seat: Seat, account: str, what: str) -> None:
    reader = seat.reader()
    if reader is not None and not may_see(reader, account):
        raise NotFound(f"{what} does not exist")


def _pair(text: str) -> tuple[str, JsonValue]:
    name, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"--set {text!r} is not NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _bot_line(view: dict[str, Any]) -> str:
    made = "not valued" if view["profit"] is None else f"made {view['profit']:,.2f} USD"
    why = f" ({view['reason']})" if view["reason"] else ""
    return f"{view['id']}  {view['strategy']} for {view['account']}: {view['state']}{why}, {made}, {view['bars']} bars"


def _mandate_line(view: dict[str, Any]) -> str:
    state = "expired" if view["expired"] and view["state"] == "active" else view["state"]
    why = f" ({view['reason']})" if view["reason"] else ""
    dry = ", dry run" if view["dry_run"] else ""
    signed = view["countersigner"] or "nobody"
    return (
        f"{view['id']}  {view['account']}: {state}{why}{dry}; {view['used']:,.2f} of {view['budget']:,.2f} USD used, "
        f"until {view['expires_at']}, granted by {view['grantor']}, countersigned by {signed}"
    )


def _act_line(view: dict[str, Any]) -> str:
    why = view["reason"] or view["why"]
    return f"  {view['at']} {view['outcome']:8} {view['side']} {view['quantity']:g} {view['instrument']}: {why}"
