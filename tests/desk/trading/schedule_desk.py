"""Schedules over a whole trading desk in a folder, with a feed and a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from desk.bus.local import LocalBus
from desk.clock import FrozenClock, to_iso
from desk.ledger.log import Entry, Ledger
from desk.market.books import BookSource
from desk.market.feed import MarketFeed
from desk.market.hours import continuous_trading
from desk.market.volume import ModelVolume
from desk.orders import Order, Side
from desk.risk.marks import Marks
from desk.store.engine import Store
from desk.store.keys import load_key
from desk.trading.decisions import Decision
from desk.trading.desk_book import TradingDesk
from desk.trading.schedule import Schedule, Terms
from desk.trading.schedule_orders import BrokerOrders, Orders
from desk.trading.schedule_plan import Planner
from desk.trading.schedules import Around, Schedules
from desk.trading.slicing import Kind
from tests.desk.trading.desks import open_desk
from tests.desk.trading.fake_feed import AAPL, START, FakeFeed

HOUR = timedelta(hours=1)


def terms(**more: Any) -> Terms:
    usual: dict[str, Any] = {
        "account": "desk", "instrument": AAPL, "side": Side.BUY, "lots": 100, "kind": Kind.TWAP,
        "start": START, "end": START + HOUR, "slices": 10,
    }  # fmt: skip
    return Terms(**{**usual, **more})


def build_schedules(
    feed: MarketFeed,
    store: Store,
    books: BookSource,
    orders: Orders,
    commission: Callable[[int, str], int],
    record: Callable[[Connection, str, str, dict[str, object]], None],
    approval_state: Callable[[Schedule], str] = lambda _: "waiting",
    most_open: int = 3,
) -> Schedules:
    marks = Marks(feed, "USD")
    volume = ModelVolume(lambda id: marks.unit(id) / 100)
    planner = Planner(
        feed=feed, volume=volume, marks=marks, commission=commission,
        window=lambda kind, at: continuous_trading(kind, at.date()),
    )  # fmt: skip
    around = Around(
        store, LocalBus(), FrozenClock(START), feed, books, volume, orders, planner, record, approval_state, most_open
    )
    made = Schedules(around)
    made.recover()
    return made


class Dead(BaseException):
    """The process has died."""


class MortalOrders(BrokerOrders):
    """Dies between the child's row and the gate once it is not `alive`."""

    alive = True

    def submit(self, order: Order) -> Decision:
        if not self.alive:
            raise Dead
        return super().submit(order)


class ScheduleDesk:
    """A desk whose outbox is worked off after every step; `work` turns that off."""

    def __init__(self, folder: Path, feed: FakeFeed | None = None, **more: Any) -> None:
        self.feed, self.work = feed or FakeFeed(), True
        self.approval = "waiting"
        self.trading: TradingDesk = open_desk(folder, self.feed, **more)
        self.store = Store.in_folder(folder)
        ledger = Ledger(self.store, load_key(folder / "keys" / "ledger.key"))
        self.audit: list[tuple[str, dict[str, object]]] = []

        def record(connection: Connection, kind: str, subject: str, body: dict[str, object]) -> None:
            self.audit.append((kind, body))
            ledger.append(connection, Entry(kind, subject, to_iso(START), to_iso(START), body))

        self.orders = MortalOrders(self.trading)
        self.schedules = build_schedules(
            self.feed, self.store, self.trading.venue, self.orders, self.trading.broker.commission,
            record, lambda _: self.approval,
        )  # fmt: skip

    def tick(self, step: timedelta = timedelta(seconds=15)) -> int:
        """Time passes, then the desk does what its ticker does."""
        self.feed.at += step
        self.trading.poll()
        sent = self.schedules.step()
        self.trading.journal.wait_durable(self.trading.accounts.seq, 10)
        self.trading.recorder.catch_up()  # so that every child is in the outbox
        if self.work:
            self.trading.execute_waiting()
        return sent

    def run(self, until: datetime, step: timedelta = timedelta(seconds=15)) -> None:
        """Ticks until the market clock stands at `until`."""
        while self.feed.at < until:
            self.tick(step)

    def filled(self, schedule: Schedule) -> Decimal:
        """What the children of a schedule have traded, as the desk's orders say."""
        mine = f"sc-{schedule.id}-"
        orders = [s for s in self.trading.orders() if s.order.client_id.startswith(mine)]
        return sum((status.filled for status in orders), Decimal(0))

    def close(self) -> None:
        self.trading.close()
        self.store.close()
