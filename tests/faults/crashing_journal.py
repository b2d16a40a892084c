"""A journal with an account book and snapshots that kills itself (SIGKILL) the nth time it passes a kill point.

What was written and not synced is cut at a random byte first, as a power loss may do.
"""

from __future__ import annotations

import os
import random
import signal
import threading
from decimal import Decimal
from pathlib import Path

from desk.clock import to_iso
from desk.orders import Fill, Order, Side
from desk.trading.accounts import AccountBook
from desk.trading.journal import Record, SegmentJournal
from desk.trading.segments import DiskSegment, write_atomically
from desk.trading.snapshots import Snapshots
from tests.desk.trading.desks import SEEDS
from tests.desk.trading.fake_feed import AAPL, START, instruments

KILL_POINTS = (
    "appended, not written",
    "written in part",
    "written, not synced",
    "synced, hook not called",
    "hook called, not acknowledged",
    "snapshot file written, not renamed",
    "snapshot file renamed",
)
TIME = to_iso(START)
EVERY = 9
"""Records between snapshots."""


class Killer:
    """Kills this process at the nth passing of one point."""

    def __init__(self, point: str, nth: int) -> None:
        self.point, self.left = point, nth

    def due(self, point: str) -> bool:
        """Counts a passing; whether it is the one."""
        self.left -= point == self.point
        return point == self.point and self.left <= 0

    def passing(self, point: str) -> None:
        """Dies here when it is due."""
        if self.due(point):
            os.kill(os.getpid(), signal.SIGKILL)


def run_until_killed(folder: Path, point: str, nth: int, seed: int) -> None:
    """Writes orders and fills until killed; `acknowledged` gets `seq hash` once a record is known to be durable."""
    killer, dice = Killer(point, nth), random.Random(seed)

    class Segment(DiskSegment):
        def write(self, data: bytes | bytearray) -> None:
            if killer.due("written in part"):
                super().write(data[: dice.randrange(len(data))])
                os.kill(os.getpid(), signal.SIGKILL)
            super().write(data)

        def sync(self) -> None:
            if killer.due("written, not synced"):
                os.ftruncate(self._handle, dice.randint(self._synced, self._size))
                os.kill(os.getpid(), signal.SIGKILL)
            super().sync()
            killer.passing("synced, hook not called")

    def replace(path: Path, data: bytes) -> None:
        if killer.due("snapshot file written, not renamed"):
            path.with_name(path.name + ".new").write_bytes(data[: dice.randrange(len(data))])
            os.kill(os.getpid(), signal.SIGKILL)
        write_atomically(path, data)
        killer.passing("snapshot file renamed")

    journal = SegmentJournal(folder / "journal", segment_bytes=3_000, opener=Segment)
    book, lock = AccountBook(instruments()), threading.RLock()
    snapshots = Snapshots(folder / "snapshots", journal=journal, book=book, lock=lock, every=EVERY, write=replace)
    journal.on_durable(lambda _: killer.passing("hook called, not acknowledged"))
    snapshots.restore()
    for record in journal.replay(book.seq):
        book.apply(record)
    trade(folder, journal, book, snapshots, killer, dice)


def trade(
    folder: Path, journal: SegmentJournal, book: AccountBook, snapshots: Snapshots, killer: Killer, dice: random.Random
) -> None:
    """Batches of records, each acknowledged when its last is durable."""
    with (folder / "acknowledged").open("a") as notes:
        for _ in range(60):
            for kind, subject, body in batch(book, dice):
                record = journal.append(kind, body, subject_id=subject, event_time=TIME, knowledge_time=TIME)
                book.apply(record)
                killer.passing("appended, not written")
            assert journal.wait_durable(book.seq, 20)
            notes.write(f"{book.seq} {book.state_hash()}\n")
            notes.flush()
            if book.seq - snapshots.taken >= EVERY:
                snapshots.take()


def batch(book: AccountBook, dice: random.Random) -> list[tuple[str, str, dict[str, object]]]:
    """Seeds first; then one to four orders, some of which are filled, some cancelled."""
    if not book.accounts:
        return [("account.seeded", seed.account, seed.to_dict()) for seed in SEEDS]
    found: list[tuple[str, str, dict[str, object]]] = []
    for n in range(dice.randint(1, 4)):
        order = Order(f"o-{book.seq}-{n}", "desk", AAPL, dice.choice(list(Side)), Decimal(dice.randint(1, 9)), by="é")
        body: dict[str, object] = {"order": order.to_dict(), "asked": "a", "token": "t", "route": "venue"}
        found.append(("order.accepted", "desk", {**body, "reserve": 1_000}))
        fate = dice.random()
        if fate < 0.6:
            units = order.quantity if fate < 0.4 else Decimal(1)
            fill = Fill(
                f"f-{order.client_id}", order.client_id, "desk", AAPL, order.side, units, 18_000, 35, "USD", START
            )
            found.append(("order.filled", "desk", dict(fill.to_dict())))
        elif fate < 0.8:
            found.append(("order.cancelled", "desk", {"client_id": order.client_id, "reason": "why"}))
    return found


def apply_all(records: list[Record]) -> AccountBook:
    """A book from nothing but records."""
    book = AccountBook(instruments())
    for record in records:
        book.apply(record)
    return book
