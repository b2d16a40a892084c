"""A trading desk that kills itself (SIGKILL) the nth time it passes a named boundary."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from desk.orders import Order, Side
from desk.trading.broker import Placement
from desk.trading.journal import Record, SegmentJournal
from desk.trading.segments import DiskSegment
from tests.desk.trading.desks import OutsideBroker, open_desk
from tests.desk.trading.fake_feed import AAPL

BOUNDARIES = (
    "half a record written",
    "appended, not synced",
    "synced, not recorded",
    "recorded, not dispatched",
    "before place",
    "placed, fill not journaled",
    "fill journaled, outbox not done",
)
ORDERS = 6
Passing = Callable[[str], None]


def run_until_killed(folder: Path, boundary: str, nth: int, tag: str) -> None:
    """Trades until killed; every order known to be durable is noted, synced, in `acknowledged`."""
    left = {boundary: nth}

    def passing(name: str) -> None:
        if name in left:
            left[name] -= 1
            if left[name] <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    class Segment(DiskSegment):
        def write(self, data: bytes | bytearray) -> None:
            if left.get("half a record written") == 1:
                super().write(data[: len(data) // 2])
            passing("half a record written")
            super().write(data)

        def sync(self) -> None:
            passing("appended, not synced")
            super().sync()

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

    journal = SegmentJournal(folder / "journal", segment_bytes=4_000, opener=Segment)
    journal.on_durable(after_sync)
    desk = open_desk(
        folder,
        journal=journal,
        build_broker=lambda signer: Broker(folder / "venue.jsonl", signer),
        dispatch=lambda _: passing("recorded, not dispatched"),
    )
    desk.execute_waiting()
    with (folder / "acknowledged").open("a") as notes:
        for n in range(ORDERS):
            order = Order(f"{tag}-{n}", "desk", AAPL, Side.BUY, Decimal(n + 1))
            desk.gate.submit(order, route="broker" if n % 3 else "venue")
            assert desk.wait_durable(order.client_id)
            notes.write(order.client_id + "\n")
            notes.flush()
            os.fsync(notes.fileno())
            if n % 3:
                desk.execute(order.client_id)
    desk.close()
