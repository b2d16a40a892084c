"""`tenor work`: what workers ask of the process that holds the desk."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import structlog

from api.commands.seat import Seat
from api.holder import Outcome
from desk.errors import InputError, TenorError
from graphs.runtime import Runtime


async def work(seat: Seat) -> Outcome:
    """`execute ID` an order at the venue in this process, `sweep` what waits, `reconcile` with the venues, `scan` runs.

    A scan is only begun: it takes longer than a worker's task may.
    """
    desk, about = seat.runtime.desk, seat.args.about
    trading = desk.trading
    kinds: dict[str, Callable[[], object]] = {
        "execute": lambda: trading.execute(about),
        "sweep": trading.execution.collect_all,
        "reconcile": desk.reconciler.reconcile_all,
        "scan": lambda: threading.Thread(target=_scan, args=(seat.runtime,), name="tenor-scan", daemon=True).start(),
    }
    if seat.args.verb not in kinds:
        raise InputError(f"work {seat.args.verb!r} is not known; {', '.join(kinds)} are")
    done = await asyncio.to_thread(kinds[seat.args.verb])
    return Outcome(0, {"work": seat.args.verb, "about": about, "done": str(done)}, str(done))


def _scan(runtime: Runtime) -> None:
    """One scan of what is new; the next beat tries again what failed."""
    try:
        found = runtime.scans.scan_new()
        structlog.get_logger("scan").info(
            "runs scanned", runs=len(found), faulty=sum(not each.passed for each in found)
        )
    except TenorError as error:
        structlog.get_logger("scan").warning("the scan failed", why=error.message)
