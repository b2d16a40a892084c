"""Orders of an instrument that is delisted, or gets another tick or lot: named ends, and the same cash for ever."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from desk.clock import FrozenClock
from desk.errors import NotFound, OrderRefused
from desk.instruments import Instruments
from desk.orders import Order, OrderState, OrderType, TimeInForce
from desk.trading.accounts import AccountBook
from desk.trading.journal import Record
from desk.trading.realistic import build_venue
from desk.trading.record_fields import fill_from
from desk.trading.venue_terms import USUAL, VenueTerms
from tests.desk.trading.desks import OutsideBroker, open_desk
from tests.desk.trading.fake_feed import AAPL, SAP, START, FakeFeed, instruments
from tests.desk.trading.listing import delist, recount
from tests.desk.trading.test_gateway import buy, sell
from tests.venues.build import SIGNER, token

GONE = f"{AAPL} is no longer listed"
TICK = f"the tick of {AAPL} was 0.01 and is 0.05 now; what the order says would mean something else"
LOT = f"the lot of {AAPL} was 1 and is 10 now; what the order says would mean something else"
CHANGES = [
    (delist, GONE),
    (lambda feed: recount(feed, tick="0.05"), TICK),
    (lambda feed: recount(feed, lot="10"), LOT),
]
ALL_TERMS = [USUAL, VenueTerms(take_pct=10), VenueTerms(latency_ms=100)]


def resting(id: str) -> Order:
    return buy(10, id=id, type=OrderType.LIMIT, limit_ticks=17_500, time_in_force=TimeInForce.GTC)


def suspend(feed: FakeFeed) -> None:
    """It is known and priced, and nobody trades it."""
    feed.instruments = Instruments(replace(one, tradable=one.id != AAPL) for one in feed.instruments)


@pytest.mark.parametrize("terms", ALL_TERMS)
@pytest.mark.parametrize(("change", "reason"), [*CHANGES, (suspend, GONE)])
def test_the_venue_ends_what_rests_with_the_reason(terms: VenueTerms, change, reason: str) -> None:
    feed, wall = FakeFeed(), FrozenClock(START)
    venue = build_venue(feed, SIGNER, wall, terms)
    orders = [resting("rests"), buy(3, id="stop", type=OrderType.STOP, stop_ticks=19_000)]
    for order in (*orders, buy(1, id="other", instrument=SAP, type=OrderType.LIMIT, limit_ticks=16_000)):
        venue.place(order, token(order))
    wall.at = START.replace(minute=1)
    venue.poll()
    assert sorted(venue.open_orders()) == ["other", "rests", "stop"]
    change(feed)
    ended = {placement.client_id: placement for placement in venue.poll()}
    assert {(ended[id].state, ended[id].reason) for id in ("rests", "stop")} == {(OrderState.CANCELLED, reason)}
    assert (venue.open_orders(), venue.poll()) == (["other"], [])
    again = resting("again")
    if reason is GONE:
        with pytest.raises(NotFound, match="no longer listed"):
            venue.place(again, token(again))
        with pytest.raises(NotFound):
            venue.depth(AAPL, 5)
        return
    venue.place(again, token(again))  # the book goes on in the new steps
    asks = venue.depth(AAPL, 5).asks
    assert asks[0].price_ticks == feed.prices[AAPL][1]
    assert len(asks) == 5


@pytest.mark.parametrize(("change", "reason"), CHANGES)
def test_an_order_on_its_way_is_turned_away_at_arrival(change, reason: str) -> None:
    feed, wall = FakeFeed(), FrozenClock(START)
    venue = build_venue(feed, SIGNER, wall, VenueTerms(latency_ms=500))
    order = resting("late")
    assert venue.place(order, token(order)).state is OrderState.WORKING
    change(feed)
    wall.at = START.replace(second=1)
    [told] = venue.poll()
    assert (told.client_id, told.state, told.reason) == ("late", OrderState.REJECTED, reason)


def test_an_amendment_meets_the_change_before_any_poll() -> None:
    feed, order = FakeFeed(), resting("amended")
    venue = build_venue(feed, SIGNER, FrozenClock(START), USUAL)
    venue.place(order, token(order))
    recount(feed, tick="0.05")
    smaller = replace(order, quantity=Decimal(5))
    told = venue.amend(smaller, token(smaller))
    assert (told.state, told.reason) == (OrderState.CANCELLED, TICK)


def cash(desk) -> dict[str, int]:
    return {id: account.cash["USD"] for id, account in desk.accounts.accounts.items() if "USD" in account.cash}


def hold_an_order(folder: Path, feed: FakeFeed):
    """A desk that bought 20, has a part-filled history, and waits to buy 10 more."""
    desk = open_desk(folder, feed)
    desk.gate.submit(buy(20, id="traded"))
    desk.gate.submit(sell(5, id="sold"))
    desk.gate.submit(resting("waits"))
    assert desk.accounts.account("desk").reserved > 0
    return desk


@pytest.mark.parametrize("snapshot", [True, False])
@pytest.mark.parametrize("down", [True, False])
@pytest.mark.parametrize(("change", "reason"), CHANGES)
def test_a_desk_ends_it_frees_the_money_and_stays_the_same(
    tmp_path: Path, change, reason: str, down: bool, snapshot: bool
) -> None:
    feed = FakeFeed()
    desk = hold_an_order(tmp_path, feed)
    before, average = cash(desk), desk.status("traded").average_price
    if down:  # the change meets a desk that is not there
        desk.close()
        change(feed)
        desk = open_desk(tmp_path, feed)
    else:
        change(feed)
        desk.poll()
    told = desk.status("waits")
    assert (told.state, told.reason) == (OrderState.CANCELLED, reason)
    account = desk.accounts.account("desk")
    assert (account.reserved, account.buys, account.open) == (0, {}, {})
    state = desk.accounts.state_hash()
    for _ in range(2):
        desk.close()
        if not snapshot:
            for path in (tmp_path / "snapshots").glob("*"):
                path.unlink()
        desk = open_desk(tmp_path, feed)
        desk.poll()
        assert (cash(desk), desk.accounts.state_hash()) == (before, state)
        assert desk.status("traded").average_price == average == Decimal("180.02")
        assert desk.status("waits").reason == reason
    desk.close()


def test_a_holding_that_is_delisted_counts_for_nothing_and_others_trade_on(tmp_path: Path) -> None:
    feed = FakeFeed()
    desk = hold_an_order(tmp_path, feed)
    worth = desk.valuation.value("desk").minor
    assert worth > cash(desk)["desk"]
    delist(feed)
    desk.poll()
    for _ in range(2):
        assert desk.valuation.value("desk").minor == cash(desk)["desk"]
        assert desk.valuation.exposure("desk").minor == 0
        assert [position.quantity for position in desk.positions() if position.account == "desk"] == [115]
        with pytest.raises((NotFound, OrderRefused), match=r"not known here|no longer listed"):
            desk.gate.submit(buy(1, id="more"))
        desk.close()
        desk = open_desk(tmp_path, feed)
    desk.gate.submit(buy(1, id="other", instrument=SAP))
    assert desk.status("other").state is OrderState.FILLED
    desk.close()


@pytest.mark.parametrize(("change", "reason"), CHANGES)
def test_an_order_that_waits_to_be_sent_is_not_sent(tmp_path: Path, change, reason: str) -> None:
    feed = FakeFeed()
    desk = open_desk(tmp_path, feed, outside=True)
    assert isinstance(desk.broker, OutsideBroker)
    desk.gate.submit(resting("waits"), route="broker")
    desk.wait_durable("waits")
    change(feed)
    assert desk.execute("waits") == "done"
    told = desk.status("waits")
    assert (told.state, told.reason, desk.broker.book()) == (OrderState.CANCELLED, reason, {})
    assert desk.accounts.account("desk").reserved == 0
    desk.close()


@pytest.mark.parametrize(("change", "reason"), CHANGES)
def test_an_order_that_no_worker_took_before_a_restart_is_never_theirs(tmp_path: Path, change, reason: str) -> None:
    feed, dispatched = FakeFeed(), list[str]()
    desk = open_desk(tmp_path, feed, outside=True, dispatch=dispatched.append)
    desk.gate.submit(resting("waits"), route="broker")
    desk.wait_durable("waits")
    desk.close()
    dispatched.clear()
    change(feed)
    desk = open_desk(tmp_path, feed, outside=True, dispatch=dispatched.append)
    told = desk.status("waits")
    assert (told.state, told.reason, dispatched) == (OrderState.CANCELLED, reason, [])
    assert desk.execution.outbox.rows(("waiting", "sent")) == []
    desk.close()


def test_a_journal_of_before_reads_as_it_did(tmp_path: Path) -> None:
    desk = hold_an_order(tmp_path, FakeFeed())
    desk.journal.wait_durable(desk.accounts.seq, 10)
    book = AccountBook(instruments())
    for record in desk.journal.replay():
        book.apply(older(record))
    assert book.account("desk").cash == desk.accounts.account("desk").cash
    assert book.order("traded").status == desk.accounts.order("traded").status
    assert book.order("waits").steps is None
    fill = desk.status("traded").fills[0]
    assert fill_from(fill.to_dict()) == fill
    desk.close()


def older(record: Record) -> Record:
    """The record as it was written when neither tick nor lot was kept."""
    body = {name: value for name, value in record.body.items() if name not in ("tick", "lot", "priced_in")}
    return record._replace(body=body)
