"""The simulated venue on harder terms: exact fees, a way to it, a share of what is shown, chance."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.clock import FrozenClock
from desk.money import minor_units
from desk.orders import FINAL_STATES, Fill, Order, OrderState, OrderType, TimeInForce
from desk.trading.private import build_private_desk
from desk.trading.realistic import RealisticBroker, build_venue
from desk.trading.simulated import SimulatedBroker
from desk.trading.venue_terms import USUAL, Fees, VenueTerms
from tests.desk.trading.desks import SEEDS, open_desk
from tests.desk.trading.fake_feed import AAPL, BTC, START, FakeFeed
from tests.desk.trading.test_gateway import buy, sell
from tests.venues.build import SIGNER, token

GTC = {"type": OrderType.LIMIT, "time_in_force": TimeInForce.GTC}
FEES = Fees(Decimal("0.5"), Decimal("2.5"))


class Floor:
    """A venue on the given terms, before a market and a clock that stand where the test puts them."""

    def __init__(self, **terms) -> None:
        self.feed, self.wall = FakeFeed(), FrozenClock(START)
        self.venue = build_venue(self.feed, SIGNER, self.wall, VenueTerms(**terms))

    def place(self, order: Order):
        return self.venue.place(order, token(order))

    def later(self, **step: float):
        self.wall.advance(timedelta(**step))
        return {placement.client_id: placement for placement in self.venue.poll()}


def units(placement) -> int:
    return int(sum(fill.quantity for fill in placement.fills))


def owed(fills: list[Fill], feed: FakeFeed) -> int:
    """The fee of an order by the formula: each side's basis points of each fill's amount, rounded up once."""
    exact = Decimal(0)
    for fill in fills:
        rate = FEES.maker if fill.liquidity == "maker" else FEES.taker
        exact += fill.price_ticks * feed.instruments.get(fill.instrument).tick * fill.quantity * 100 * rate / 10_000
    return int(exact.to_integral_value(ROUND_CEILING))


def test_on_the_usual_terms_it_is_the_plain_venue() -> None:
    assert type(build_venue(FakeFeed(), SIGNER, FrozenClock(START), USUAL)) is SimulatedBroker
    assert USUAL.words() == []
    assert type(Floor(latency_ms=1).venue) is RealisticBroker
    fill = Floor(latency_ms=0).place(buy(5)).fills[0]
    assert (fill.liquidity, fill.commission, "liquidity" in fill.to_dict()) == ("", 35, False)


def test_what_takes_and_what_rested_pay_their_own_fee() -> None:
    floor = Floor(fees=FEES)
    took = floor.place(buy(100)).fills
    assert [(f.liquidity, f.commission) for f in took] == [("taker", 451)]  # 18,002.00 x 2.5 bps = 4.5005
    floor.place(buy(100, id="rests", limit_ticks=17_000, **GTC))
    floor.feed.move(AAPL, 16_990, 16_992)
    rested = floor.later(seconds=1)["rests"].fills
    assert [(f.liquidity, f.commission) for f in rested] == [("maker", 85)]  # 17,000.00 x 0.5 bps
    assert floor.venue.commission(1_800_200, "USD") == 451
    assert took[0].to_dict()["liquidity"] == "taker"


def test_an_order_arrives_after_its_delay_at_the_price_of_then() -> None:
    floor = Floor(latency_ms=50, jitter_ms=20, seed=3)
    assert floor.place(buy(5)).state is OrderState.WORKING
    assert floor.place(buy(5)).fills == ()
    assert (floor.later(milliseconds=49), floor.venue.due(), floor.venue.open_orders()) == ({}, False, ["o-1"])
    floor.feed.move(AAPL, 18_100, 18_102)
    floor.wall.advance(timedelta(milliseconds=21))
    assert floor.venue.due()
    arrived = floor.later()["o-1"]
    assert [(f.price_ticks, f.quantity) for f in arrived.fills] == [(18_102, 5)]
    assert (floor.later(seconds=9), floor.venue.open_orders()) == ({}, [])
    assert floor.place(buy(5)) == arrived


def test_a_cancel_travels_too_and_does_not_overtake_its_order() -> None:
    floor = Floor(latency_ms=50, jitter_ms=500, seed=4)
    for n in range(20):
        id = f"o-{n}"
        floor.place(buy(5, id=id, limit_ticks=17_000, **GTC))
        told = floor.venue.cancel(id)
        assert told is not None
        assert (told.state, told.client_id) == (OrderState.WORKING, id)
    ended = floor.later(seconds=2)
    assert {p.state for p in ended.values()} == {OrderState.CANCELLED}
    assert (len(ended), floor.venue.open_orders(), floor.venue.cancel("o-1")) == (20, [], None)


def test_an_order_amended_on_its_way_arrives_as_amended() -> None:
    floor = Floor(latency_ms=50)
    floor.place(buy(5, limit_ticks=17_000, **GTC))
    other = buy(7, limit_ticks=17_100, **GTC)
    assert floor.venue.amend(other, token(other)).state is OrderState.WORKING
    floor.later(seconds=1)
    assert [(level.price_ticks, level.lots) for level in floor.venue.depth(AAPL, 9).bids if level.lots == 7] == [
        (17_100, 7)
    ]


def test_one_order_takes_a_share_of_what_is_shown_at_each_look() -> None:
    floor = Floor(take_pct=10)
    shown = sum(level.lots for level in floor.venue.depth(AAPL, 99).asks)
    first = floor.place(buy(2_000))
    assert (units(first), first.state) == (shown // 10, OrderState.WORKING)
    second = floor.later()["o-1"]
    assert units(second) == shown // 10 * 2
    last = floor.later()["o-1"]
    assert (units(last), last.state, len({f.id for f in last.fills})) == (2_000, OrderState.FILLED, len(last.fills))


def test_what_may_not_take_more_ends_or_rests_by_its_time_in_force() -> None:
    floor = Floor(take_pct=10)
    now = floor.place(buy(2_000, id="ioc", time_in_force=TimeInForce.IOC))
    assert (now.state, units(now) > 0, "10 % of the lots shown" in now.reason) == (OrderState.CANCELLED, True, True)
    all = floor.place(buy(2_000, id="fok", time_in_force=TimeInForce.FOK))
    assert (all.state, units(all)) == (OrderState.CANCELLED, 0)
    assert floor.place(buy(20, id="small", time_in_force=TimeInForce.FOK)).state is OrderState.FILLED
    floor.place(buy(9_000, id="rests", limit_ticks=18_002, **GTC))
    floor.feed.move(AAPL, 18_010, 18_012)
    assert "rests" not in floor.later()
    best = floor.venue.depth(AAPL, 99).bids
    assert [level.lots for level in best if level.price_ticks == 18_002] != []
    gone = floor.venue.cancel("rests")
    assert gone is not None
    assert (gone.state, floor.venue.open_orders()) == (OrderState.CANCELLED, [])


def test_a_stop_and_a_day_order_outside_the_book_trigger_and_end() -> None:
    floor = Floor(take_pct=10)
    waits = floor.place(buy(5, id="stop", type=OrderType.STOP, stop_ticks=18_100))
    assert (waits.state, waits.triggered) == (OrderState.WORKING, False)
    floor.place(buy(9_000, id="day"))
    floor.feed.move(AAPL, 18_100, 18_104)
    told = floor.later()
    assert (told["stop"].triggered, told["stop"].state) == (True, OrderState.FILLED)
    floor.feed.move(AAPL, 18_100, 18_104, timedelta(days=1))
    assert (floor.later()["day"].reason, floor.venue.open_orders()) == ("the day ended", [])


def test_chance_turns_away_by_seed_and_name() -> None:
    floor, twin, other = (Floor(reject_pct=Decimal(20), seed=seed) for seed in (7, 7, 8))
    fate = [[f.place(buy(1, id=f"o-{n}")).state for n in range(200)] for f in (floor, twin, other)]
    assert fate[0] == fate[1] != fate[2]
    refused = [n for n, state in enumerate(fate[0]) if state is OrderState.REJECTED]
    assert 20 <= len(refused) <= 60
    again = floor.place(buy(1, id=f"o-{refused[0]}"))
    assert (again.state, again.reason) == (
        OrderState.REJECTED,
        "simulated reject: chance turns 20 % of orders away",
    )


steps = st.lists(
    st.tuples(
        st.sampled_from(["buy", "sell", "cancel", "move", "look"]),
        st.integers(1, 3_000),
        st.integers(-12, 12),
        st.sampled_from(list(TimeInForce)[:4]),
        st.booleans(),
    ),
    min_size=5,
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(steps, st.integers(0, 9), st.sampled_from([1, 10, 100]), st.sampled_from([0, 40]))
def test_cash_and_fees_reconcile_and_no_order_is_lost_or_doubled(flow, seed, share, latency) -> None:
    feed, wall = FakeFeed(), FrozenClock(START)
    terms = VenueTerms(
        latency_ms=latency, jitter_ms=latency, fees=FEES, take_pct=share, reject_pct=Decimal(15), seed=seed
    )
    desk = build_private_desk(feed, wall, SEEDS, terms=terms)
    before, sent = desk.accounts.account("desk").cash["USD"], []

    def look(times: int = 1) -> None:
        for _ in range(times):
            wall.advance(timedelta(milliseconds=30))
            desk.settlement.book_all(desk.venue.poll())

    for n, (what, size, off, tif, limited) in enumerate(flow):
        if what in ("buy", "sell"):
            coin = size % 3 == 0
            form = {"type": OrderType.LIMIT, "limit_ticks": (6_000_000 if coin else 18_001) + off} if limited else {}
            make = buy if what == "buy" else sell
            amount = str(Decimal(size) / 10_000) if coin else size % 2_500 + 1
            order = make(amount, id=f"o-{n}", instrument=BTC if coin else AAPL, time_in_force=tif, **form)
            if desk.gate.submit_batch([order])[0].ok:
                sent.append(order.client_id)
        elif what == "cancel" and sent:
            placement = desk.venue.cancel(sent[size % len(sent)])
            desk.settlement.book_all([placement] if placement else [])
        elif what == "move":
            feed.move(AAPL, 18_000 + off, 18_002 + off)
        look()
    for id in sent:
        placement = desk.venue.cancel(id)
        desk.settlement.book_all([placement] if placement else [])
    look(4)

    account, spent, fees = desk.accounts.account("desk"), 0, 0
    for id in sent:
        status = desk.accounts.order(id).status
        assert status.state in FINAL_STATES, (id, status)
        assert status.filled == sum((f.quantity for f in status.fills), Decimal(0)) <= status.order.quantity
        assert sum(f.commission for f in status.fills) == owed(status.fills, feed)
        for fill in status.fills:
            tick = feed.instruments.get(fill.instrument).tick
            spent += minor_units(fill.price_ticks * tick * fill.quantity, "USD") * fill.side.sign
            fees += fill.commission
    assert account.cash["USD"] == before - spent - fees
    assert (account.buys, account.sells, account.reserved, account.open) == ({}, {}, 0, {})
    assert desk.venue.open_orders() == []


def test_a_desk_on_hard_terms_survives_restarts_with_every_order_once() -> None:
    terms = VenueTerms(latency_ms=40, fees=FEES, take_pct=10, reject_pct=Decimal(10), seed=2)
    with TemporaryDirectory() as name:
        folder, feed, wall = Path(name), FakeFeed(), FrozenClock(START)
        desk = open_desk(folder, feed, terms=terms, wall=wall)
        ids = [desk.gate.submit(buy(400, id=f"o-{n}")).order.client_id for n in range(12)]
        desk.close()  # all of them on their way
        desk = open_desk(folder, feed, terms=terms, wall=wall)
        wall.advance(timedelta(seconds=1))
        for _ in range(30):
            desk.poll()
        states = [desk.status(id) for id in ids]
        assert {s.state for s in states} <= FINAL_STATES
        bought = sum((s.filled for s in states), Decimal(0))
        assert next(p.quantity for p in desk.positions() if p.instrument == AAPL) == 100 + bought
        assert desk.journal.wait_durable(desk.accounts.seq, 10)
        kinds = [(r.kind, r.body["liquidity"]) for r in desk.journal.replay(0) if r.kind == "order.filled"]
        assert set(kinds) == {("order.filled", "taker")}
        fees = sum(f.commission for s in states for f in s.fills)
        assert fees == sum(owed(s.fills, feed) for s in states) > 0
        desk.close()


@pytest.mark.parametrize("terms", [VenueTerms(latency_ms=5, jitter_ms=1), VenueTerms(fees=FEES, take_pct=3)])
def test_terms_are_told_as_simulated(terms: VenueTerms) -> None:
    assert terms.words()
    assert all(words.startswith("simulated: ") for words in terms.words())
