"""`tenor work`: what workers ask of the process that holds the desk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from api.commands.seat import Seat
from api.holder import Outcome
from desk.errors import InputError


async def work(seat: Seat) -> Outcome:
    """`execute ID` an order at the venue in this process, `sweep` what waits, `reconcile` with the venues."""
    desk, about = seat.runtime.desk, seat.args.about
    trading = desk.trading
    kinds: dict[str, Callable[[], object]] = {
        "execute": lambda: trading.execute(about),
        "sweep": trading.execution.collect_all,
        "reconcile": desk.reconciler.reconcile_all,
    }
    if seat.args.verb not in kinds:
        raise InputError(f"work {seat.args.verb!r} is not known; {', '.join(kinds)} are")
    done = await asyncio.to_thread(kinds[seat.args.verb])
    return Outcome(0, {"work": seat.args.verb, "about": about, "done": str(done)}, str(done))
