"""A desk that works a schedule and kills itself (SIGKILL) the nth time it passes a named boundary."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from desk.orders import Order
from desk.trading.broker import Placement
from desk.trading.decisions import Decision
from desk.trading.journal import Record, SegmentJournal
from desk.trading.schedule import Schedule, Terms
from desk.trading.slicing import Kind
from tests.desk.trading.desks import OutsideBroker
from tests.desk.trading.fake_feed import AAPL, START, FakeFeed
from tests.desk.trading.schedule_desk import ScheduleDesk, terms

BOUNDARIES = (
    "child written, gate not asked",
    "gate said yes, nothing synced",
    "synced, not recorded",
    "before place",
    "placed, fill not journaled",
    "fill journaled, outbox not done",
    "schedule stepped",
)
LOTS, SLICES, TICK = 120, 12, timedelta(seconds=30)
END = START + timedelta(hours=1)
Passing = Callable[[str], None]


def schedule_terms(kind: Kind) -> Terms:
    return terms(lots=LOTS, slices=SLICES, end=END, kind=kind, rate_bps=2)


class KilledDesk(ScheduleDesk):
    """Calls `passing` at every boundary."""

    def __init__(self, folder: Path, at: datetime, passing: Passing) -> None:
        feed = FakeFeed()
        feed.at = at
        self.passing = passing

        class Broker(OutsideBroker):
            def place(self, order: Order, token: str) -> Placement:
                passing("before place")
                placement = super().place(order, token)
                passing("placed, fill not journaled")
                return placement

        def after_sync(group: list[Record]) -> None:
            passing("synced, not recorded")
            if any(record.kind == "order.filled" for record in group):
                passing("fill journaled, outbox not done")

        journal = SegmentJournal(folder / "journal")
        journal.on_durable(after_sync)
        super().__init__(
            folder, feed, journal=journal, build_broker=lambda signer: Broker(folder / "venue.jsonl", signer)
        )
        submit = self.orders.submit

        def watched(order: Order) -> Decision:
            passing("child written, gate not asked")
            decision = submit(order)
            passing("gate said yes, nothing synced")
            return decision

        setattr(self.orders, "submit", watched)  # noqa: B010 - the boundary stands in the instance, not in a class


def run_until_killed(folder: Path, kind: Kind, at: datetime, boundary: str, nth: int) -> None:
    """Works the schedule from the market time `at`; notes, synced, how far the clock came."""
    left = {boundary: nth}

    def passing(name: str) -> None:
        if name in left:
            left[name] -= 1
            if left[name] <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    desk = KilledDesk(folder, at, passing)
    schedule = desk.schedules.start("k1", schedule_terms(kind), "tom")
    while not is_over(schedule):
        desk.tick(TICK)
        passing("schedule stepped")
        with (folder / "clock").open("w") as file:
            file.write(desk.feed.at.isoformat())
            file.flush()
            os.fsync(file.fileno())
    desk.close()


def run_to_the_end(folder: Path, kind: Kind, at: datetime) -> tuple[ScheduleDesk, Schedule]:
    """The same without a kill, in this process; the desk is still open."""
    desk = KilledDesk(folder, at, lambda _: None)
    schedule = desk.schedules.start("k1", schedule_terms(kind), "tom")
    while not is_over(schedule):
        desk.tick(TICK)
    assert {status.order.instrument for status in desk.trading.orders()} <= {AAPL}
    return desk, schedule


def is_over(schedule: Schedule) -> bool:
    return schedule.final and not schedule.working
