"""`tenor orders`, `positions`, `halt`, `resume`."""

from __future__ import annotations

from api.commands.seat import Seat
from api.holder import Outcome
from api.routes.system import halt_view
from api.views import order_view
from desk.identity.roles import Action, Role, check_may
from desk.trading.halt import HaltState


async def orders(seat: Seat) -> Outcome:
    """All orders, or those of the accounts of `--as`."""
    desk, reader = seat.runtime.desk, seat.reader()
    every = reader is None or reader.role is Role.COMPLIANCE
    seen = [s for s in desk.trading.orders() if every or (reader and s.order.account in reader.accounts)]
    views = [order_view(desk, status.order, status).model_dump(mode="json") for status in seen]
    lines = [
        f"{v['id']}  {v['side']} {v['quantity']:g} {v['instrument']} for {v['account']}: "
        f"{v['state']}, filled {v['filled']:g}"
        for v in views
    ]
    return Outcome(0, {"orders": views}, "\n".join(lines) or "No orders yet.")


async def positions(seat: Seat) -> Outcome:
    """What every account holds, or those of `--as`, with the price now."""
    desk, reader = seat.runtime.desk, seat.reader()
    every = reader is None or reader.role is Role.COMPLIANCE
    rows: list[dict[str, object]] = []
    for position in desk.trading.positions():
        if not every and reader is not None and position.account not in reader.accounts:
            continue
        instrument, quote = desk.feed.instruments.get(position.instrument), desk.feed.quote(position.instrument)
        rows.append(
            {
                "account": position.account,
                "instrument": position.instrument,
                "quantity": float(position.quantity),
                "price": float(quote.last_ticks * instrument.tick),
                "average_cost": float(round(position.average_cost, 4)),
                "currency": instrument.currency,
            }
        )
    lines = [
        f"{r['account']:12} {r['quantity']:>12} {r['instrument']:14} at {r['price']} {r['currency']}" for r in rows
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
