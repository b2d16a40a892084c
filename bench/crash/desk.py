"""The desk of the matrix, as parts: the same in the holder, in its successor, and in the last check."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Connection

from bench.crash.boundaries import Killer
from bench.crash.venue import DiskVenue
from desk.bus.bus import EventBus
from desk.clock import WallClock, to_iso
from desk.identity.roles import Needs, Person, Role
from desk.jobs.workers import RemoteWorkers
from desk.ledger.log import Entry, Ledger
from desk.market.replay import ReplayFeed
from desk.orders import Order, Side
from desk.risk.limits import AccountLimits, LimitTable
from desk.store.engine import Store
from desk.store.keys import load_key
from desk.trading.approvals import Approval, Approvals
from desk.trading.desk_book import TradingDesk
from desk.trading.journal import Opener, SegmentJournal
from desk.trading.seeds import Lot, Seed
from desk.trading.segments import DiskSegment
from desk.trading.services import Services

ACCOUNT, INSTRUMENT = "desk-1", "XNAS:AAPL"
OPENING = Decimal(100)
CASH = 900_000_000_00
TRADER = Person("tess", "Tess Trader", Role.TRADER, (ACCOUNT,))
_WIDE = 10**15
_LIMITS = LimitTable(
    max_order_notional=_WIDE,
    max_desk_exposure=_WIDE,
    desk=AccountLimits(_WIDE, _WIDE, 0, 0, _WIDE, 400, _WIDE, _WIDE, 1_000_000),
)


@dataclass
class Matrix:
    """An open desk, its proposals, the store beneath them, and the way to its workers."""

    store: Store
    ledger: Ledger
    trading: TradingDesk
    approvals: Approvals
    workers: RemoteWorkers

    def close(self) -> None:
        """Stops everything; safe to call twice."""
        self.workers.stop()
        self.trading.close()
        self.store.close()


def open_matrix(folder: Path, redis_url: str, bus: EventBus, killer: Killer) -> Matrix:
    """The recovered and seeded desk of a folder; the same folder again is the same desk after a crash."""
    wall, store = WallClock(), Store.in_folder(folder)
    feed = ReplayFeed(folder / "clock.json", wall)
    ledger = Ledger(store, load_key(folder / "keys" / "ledger.key"))

    def record(connection: Connection, kind: str, subject: str, body: dict[str, object]) -> None:
        boundary = "proposal" if kind == "approval.proposed" else "approval"
        killer.passing(boundary)
        ledger.append(connection, Entry(kind, subject, to_iso(feed.now()), to_iso(wall.now()), body))
        killer.passing(boundary)

    def announce(approval: Approval) -> None:  # told right after the commit
        killer.passing("proposal" if approval.state == "waiting" else "approval")

    def dispatch(client_id: str) -> None:
        killer.passing("outbox")
        workers.dispatch(client_id)

    def collect(client_id: str) -> object:
        return trading.execution.collect(client_id) if client_id else trading.execution.collect_all()

    workers = RemoteWorkers(redis_url, store, bus, collect, "")
    trading = TradingDesk(
        folder,
        Services(store, ledger, feed, bus, wall),
        limits=_LIMITS,
        build_broker=lambda signer: DiskVenue(folder, signer, wall),
        dispatch=dispatch,
        journal=SegmentJournal(folder / "journal", segment_bytes=100_000, opener=_opener(killer)),
    )
    approvals = Approvals(store, wall, record, announce)
    trading.recover()
    trading.seed([Seed(ACCOUNT, "desk", "USD", {"USD": CASH}, {INSTRUMENT: Lot(OPENING, Decimal(150))})])
    return Matrix(store, ledger, trading, approvals, workers)


def _opener(killer: Killer) -> Opener:
    class Segment(DiskSegment):
        def write(self, data: bytes | bytearray) -> None:
            if killer.falls("journal"):
                super().write(data[: len(data) // 2])
                killer.die()
            super().write(data)

        def sync(self) -> None:
            killer.passing("journal")
            super().sync()

    return Segment


def propose(matrix: Matrix, n: int) -> Approval:
    """The nth proposal: one order of one to seven shares; a repeat finds the first."""
    order = Order("", ACCOUNT, INSTRUMENT, Side.BUY, Decimal(1 + n % 7), by=TRADER.name, agent="execution")
    return matrix.approvals.propose(
        thread=f"t-{n}",
        asker=TRADER,
        agent="execution",
        orders=[order],
        evidence={},
        needs=Needs(owner=True, second=False, reason=""),
        customer_account=False,
        id=f"ap-{n}",
    )
