"""`tenor brokers list | reconcile NAME`."""

from __future__ import annotations

import asyncio

from api.commands.seat import Seat
from api.holder import Outcome
from api.routes.brokers import BrokerView, all_brokers, broker_view
from desk.identity.roles import Action, check_may


async def brokers(seat: Seat) -> Outcome:
    """`list` every broker; `reconcile NAME` in somebody's name. Exit 1 when desk and venue differ."""
    desk = seat.runtime.desk
    if seat.args.verb == "list":
        every = all_brokers(desk)
        return Outcome(0, every.model_dump(mode="json"), "\n".join(map(_lines, every.brokers)))
    person = seat.named()
    check_may(person, Action.RECONCILE)
    found = await asyncio.to_thread(desk.reconciler.reconcile, seat.args.name, person.name)
    view = broker_view(desk, desk.trading.brokers.named(seat.args.name))
    return Outcome(1 if found else 0, view.model_dump(mode="json"), _lines(view))


def _lines(view: BrokerView) -> str:
    told = [f"{view.name:18} {view.state:12} {len(view.instruments)} instruments"]
    told += [f"{'':18} {words}" for words in (view.detail, view.note, *view.terms, view.error) if words]
    told += [f"{'':18} {one.kind} {one.subject}: desk {one.desk}; venue {one.venue}" for one in view.differences]
    return "\n".join(told)
