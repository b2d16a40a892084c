"""Orders replayed as schedules over the bundled session: cost against arrival beside the published model.

On the replay the venue's maker renews its book, so there is no impact to measure: what is tested is
that the arithmetic of cost and band holds over real days, for every kind and asset class.
"""

from __future__ import annotations

import math
import random
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from desk.clock import FrozenClock
from desk.errors import NotFound
from desk.instruments import Instrument
from desk.market.replay import ReplayFeed
from desk.orders import Order, OrderStatus, Side
from desk.risk.limits import AccountLimits, LimitTable
from desk.store.engine import Store
from desk.trading.decisions import Decision
from desk.trading.impact import NORMAL_95
from desk.trading.private import PrivateDesk, build_private_desk
from desk.trading.schedule import Schedule, State, Terms
from desk.trading.schedule_report import mid_price, report_of
from desk.trading.seeds import Seed
from desk.trading.slicing import Kind, Urgency
from tests.desk.trading.fake_feed import START
from tests.desk.trading.schedule_desk import build_schedules
from tests.sizes import LONG

ORDERS = 500 if LONG else 60
SESSION = timedelta(minutes=340 if LONG else 100)
STEP = timedelta(seconds=10)
PLENTY = 10**15


class VenueOrders:
    """Children to the venue of a private desk."""

    def __init__(self, desk: PrivateDesk) -> None:
        self._desk = desk

    def submit(self, order: Order) -> Decision:
        return self._desk.gate.submit(order)

    def find(self, client_id: str) -> OrderStatus | None:
        try:
            return self._desk.accounts.order(client_id).status.snapshot()
        except NotFound:
            return None

    def cancel(self, client_id: str) -> OrderStatus:
        placement = self._desk.venue.cancel(client_id)
        assert placement is not None
        self._desk.settlement.book(placement)
        return self._desk.accounts.order(client_id).status

    def halted(self) -> str:
        return ""


class Replayed(NamedTuple):
    schedule: Schedule
    instrument: Instrument
    cost: float
    expected: dict[str, float]
    spread: float


def rich_desk(feed: ReplayFeed, clock: FrozenClock) -> PrivateDesk:
    limits = AccountLimits(PLENTY, PLENTY, PLENTY, PLENTY, PLENTY, 10**9, PLENTY, PLENTY, 10**6)
    table = LimitTable(
        max_order_quantity=10**9, max_order_notional=PLENTY, max_desk_exposure=PLENTY, desk=limits, customer=limits
    )
    return build_private_desk(feed, clock, [Seed("desk", "desk", "USD", {"USD": 10**12})], limits=table)


def draw(dice: random.Random, n: int, feed: ReplayFeed, desk: PrivateDesk) -> tuple[str, Terms]:
    instrument = dice.choice([each for each in feed.instruments if each.tradable])
    begins = feed.quote(instrument.id).at + dice.random() * (SESSION - timedelta(minutes=35))
    minutes = dice.uniform(5, 30)
    worth = desk.gate.check(Order("x", "desk", instrument.id, Side.BUY, instrument.lot)).estimate
    assert worth is not None
    lots = max(1, round(10 ** dice.uniform(4, 6) * 100 / max(1, worth.notional)))
    return f"r{n}", Terms(
        "desk", instrument.id, dice.choice(list(Side)), lots, dice.choice(list(Kind)), begins,
        begins + timedelta(minutes=minutes), dice.randint(5, 12), urgency=dice.choice(list(Urgency)),
    )  # fmt: skip


def replay(folder: Path) -> list[Replayed]:
    """All orders in one pass over the session."""
    clock = FrozenClock(START)
    feed = ReplayFeed(folder / "clock.json", clock)
    desk = rich_desk(feed, clock)
    store = Store.in_folder(folder)
    schedules = build_schedules(
        feed, store, desk.venue, VenueOrders(desk), desk.venue.commission, lambda *_: None, most_open=ORDERS
    )
    dice = random.Random(11)
    started = [schedules.start(id, terms, "tom") for id, terms in (draw(dice, n, feed, desk) for n in range(ORDERS))]
    ends = max(
        schedule.terms.end - schedule.terms.start.replace(hour=15, minute=0, second=0, microsecond=0)
        for schedule in started
    )
    for _ in range(int(ends / STEP) + 2):
        clock.advance(STEP)
        desk.settlement.book_all(desk.venue.poll())
        schedules.step()
    found = []
    for schedule in started:
        instrument = feed.instruments.get(schedule.terms.instrument)
        report = report_of(schedule, mid_price(feed.quote(instrument.id), instrument))
        assert report.cost_bps is not None, schedule
        assert report.spread_bps is not None
        found.append(Replayed(schedule, instrument, report.cost_bps, schedule.progress.expected, report.spread_bps))
    store.close()
    return found


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> list[Replayed]:
    return replay(tmp_path_factory.mktemp("replayed"))


def test_cost_against_arrival_lies_in_the_models_band(replayed):
    """The band holds 95 % of outcomes: of so few, two standard deviations fewer may be inside."""
    inside = sum(each.expected["low"] <= each.cost <= each.expected["high"] for each in replayed)
    assert len(replayed) == ORDERS
    assert inside / ORDERS >= 0.95 - 2 * math.sqrt(0.95 * 0.05 / ORDERS)


def test_on_average_it_is_spread_and_commission(replayed):
    """What is over these is the price moving, which is nothing on average: impact is not simulated."""
    fixed = [each.expected["spread"] + each.expected["commission"] for each in replayed]
    excess = sum(each.cost - base for each, base in zip(replayed, fixed, strict=True)) / ORDERS
    sure = NORMAL_95 * math.sqrt(sum(each.expected["risk"] ** 2 for each in replayed)) / ORDERS
    assert abs(excess) <= sure
    half_spread = sum(each.expected["spread"] for each in replayed) / ORDERS
    assert sum(each.spread for each in replayed) / ORDERS == pytest.approx(half_spread, rel=0.02)


def test_all_ran_to_their_end(replayed):
    for each in replayed:
        terms = each.schedule.terms
        assert each.schedule.state is State.DONE
        if terms.kind is not Kind.POV:  # volume may fall short of what it would need
            assert sum(int(c.status.filled / each.instrument.lot) for c in each.schedule.children) == terms.lots
            assert len(each.schedule.children) >= len(each.schedule.plan)
