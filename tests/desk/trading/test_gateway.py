from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from desk.clock import FrozenClock
from desk.errors import Conflict, OrderRefused
from desk.orders import Check, Chosen, Order, OrderState, OrderType, Side, TimeInForce
from desk.risk.limits import InstrumentLimits, LimitTable
from desk.trading.decisions import Decision
from desk.trading.private import PrivateDesk, build_private_desk
from desk.trading.seeds import Lot, Seed
from tests.desk.trading.fake_feed import AAPL, BTC, EUR, INDEX, SAP, START, FakeFeed
from tests.sizes import LONG

SEEDS = [
    Seed("desk", "desk", "USD", {"USD": 5_000_000_00}, {AAPL: Lot(Decimal(100), Decimal(150))}),
    Seed("ann", "customer", "USD", {"USD": 50_000_00}, {AAPL: Lot(Decimal(40), Decimal(150))}),
    Seed("eva", "customer", "EUR", {"EUR": 50_000_00}),
]


def make_desk(feed: FakeFeed | None = None, **more: Any) -> PrivateDesk:
    return build_private_desk(feed or FakeFeed(), FrozenClock(START), SEEDS, **more)


def buy(n: int | str = 50, id: str = "o-1", account: str = "desk", instrument: str = AAPL, **more: Any) -> Order:
    return Order(id, account, instrument, Side.BUY, Decimal(n), **more)


def sell(n: int | str = 50, id: str = "o-1", account: str = "desk", instrument: str = AAPL, **more: Any) -> Order:
    return Order(id, account, instrument, Side.SELL, Decimal(n), **more)


def refusal(desk: PrivateDesk, order: Order) -> str:
    decision = desk.gate.check(order)
    return decision.refusal.rule if decision.refusal else ""


def test_a_market_order_fills_whole_and_settles():
    desk = make_desk()
    decision = desk.gate.submit(buy(50))
    assert decision.status is not None
    assert decision.status.state is OrderState.FILLED
    assert decision.status.filled == 50
    assert decision.status.average_price == Decimal("180.02")
    account = desk.accounts.account("desk")
    assert account.held(AAPL) == 150
    assert account.holdings[AAPL].cost == (Decimal(150) * 100 + Decimal("180.02") * 50) / 150
    notional = 50 * 180_02
    assert account.cash["USD"] == 5_000_000_00 - notional - desk.venue.commission(notional, "USD")
    assert not account.open
    assert not account.reserved


def test_check_leaves_no_trace():
    desk = make_desk()
    before = desk.accounts.seq
    decision = desk.gate.check(buy(50))
    assert decision.ok
    assert decision.estimate is not None
    assert (decision.estimate.price_ticks, decision.estimate.notional) == (18_002, 900_100)
    assert (decision.status, decision.seq, desk.accounts.seq) == (None, None, before)
    assert {check.rule for check in decision.checks} == {
        "tradable", "lot", "max_order_quantity", "max_order_notional", "max_position", "max_gross_exposure",
        "max_net_exposure", "max_leverage", "max_desk_exposure", "max_daily_loss", "max_order_rate", "buying_power",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("order", "rule"),
    [
        (buy(100_001), "max_order_quantity"),
        (buy(2_800), "max_order_notional"),
        (buy(300, account="ann"), "buying_power"),
        (sell(41, account="ann"), "max_short"),
        (sell(40, account="ann"), ""),
        (buy("0.5"), "lot"),
        (buy("0.00005", instrument=BTC), "lot"),
        (buy("0.0005", instrument=BTC), ""),
        (buy(1, instrument=INDEX), "tradable"),
        (buy(1, instrument="XNAS:NONE"), "market_data"),
        (buy(1, account="nobody"), "account"),
        (buy(1, type=OrderType.LIMIT, limit_ticks=20_000), "price_band"),
        (buy(1, type=OrderType.LIMIT, limit_ticks=19_800), ""),
        (buy(1, type=OrderType.LIMIT), "limit_price"),
        (buy(1, limit_ticks=18_000), "limit_price"),
        (buy(0), "lot"),
        (buy(-5), "lot"),
        (buy("NaN"), "lot"),
        (buy(1, id="two words"), "client_id"),
        (buy(1, id="x" * 65), "client_id"),
        (buy(2_700, instrument=SAP), ""),
        (buy(2_730, instrument=SAP), "max_order_notional"),
    ],
)
def test_each_rule(order: Order, rule: str) -> None:
    desk = make_desk()
    assert refusal(desk, order) == rule
    if rule:
        with pytest.raises(OrderRefused) as caught:
            desk.gate.submit(order)
        assert caught.value.rule == rule
        assert caught.value.limit
        assert caught.value.value
        assert desk.accounts.find(order.client_id) is None


def test_an_account_in_another_currency_buys_with_its_own():
    desk = make_desk()
    assert desk.gate.check(buy(290, account="eva", instrument=SAP)).ok
    assert refusal(desk, buy(300, account="eva", instrument=SAP)) == "buying_power"
    desk.gate.submit(buy(10, account="eva", instrument=SAP))
    assert desk.accounts.account("eva").cash["EUR"] == 50_000_00 - 10 * 170_04 - 35


def test_a_held_position_without_a_price_refuses_and_names_it():
    feed = FakeFeed()
    desk = make_desk(feed)
    desk.gate.submit(buy(1, id="sap", instrument=SAP))
    del feed.prices[SAP]
    feed.at += timedelta(seconds=2)
    decision = desk.gate.check(buy(1, id="more"))
    assert decision.refusal is not None
    assert decision.refusal.rule == "market_data"
    assert SAP in decision.refusal.message


def test_only_a_program_is_clamped_and_every_step_is_told():
    desk = make_desk()
    agent = buy(200_000, chosen=Chosen.AGENT)
    decision = desk.gate.check(agent)
    assert decision.ok
    assert decision.order.quantity == 2_777
    assert [(clamp.rule, clamp.allowed) for clamp in decision.clamps] == [
        ("max_order_quantity", Decimal(100_000)),
        ("max_order_notional", Decimal(2_777)),
    ]
    assert refusal(desk, replace(agent, chosen=Chosen.PERSON)) == "max_order_quantity"
    assert not desk.gate.check(agent, exact=True).ok
    clamped = desk.gate.submit(agent)
    assert clamped.status is not None
    assert clamped.status.order.quantity == 2_777
    again = desk.gate.submit(agent)
    assert again.repeated
    assert again.status is not None
    assert again.status.filled == 2_777


def test_a_clamp_to_nothing_is_a_refusal():
    desk = make_desk()
    decision = desk.gate.check(sell(5, account="eva", chosen=Chosen.AGENT))
    assert decision.refusal is not None
    assert decision.refusal.rule == "max_short"
    assert decision.clamps == ()


def test_a_position_over_its_limit_may_always_be_closed():
    feed = FakeFeed()
    desk = make_desk(feed)
    for n in range(4):
        desk.gate.submit(buy(2_700, id=f"b{n}"))
    feed.move(AAPL, 36_000, 36_002)
    assert refusal(desk, buy(1, id="more")) == "max_position"
    assert desk.gate.check(sell(1_300, id="less")).ok


def test_the_same_client_id_is_one_order():
    desk = make_desk()
    first = desk.gate.submit(buy(50))
    again = desk.gate.submit(buy(50))
    assert again.repeated
    assert again.seq == first.seq
    assert desk.accounts.account("desk").held(AAPL) == 150
    with pytest.raises(Conflict, match="o-1"):
        desk.gate.submit(buy(51))
    assert desk.gate.check(buy(51)).refusal is not None


def test_open_orders_hold_their_cash_and_their_units():
    desk = make_desk()
    resting = buy(200, account="ann", type=OrderType.LIMIT, limit_ticks=17_900)
    assert desk.gate.submit(resting).status.state is OrderState.WORKING  # type: ignore[union-attr]
    assert refusal(desk, buy(200, id="o-2", account="ann")) == "buying_power"
    desk.gate.submit(sell(30, id="o-3", account="ann", type=OrderType.LIMIT, limit_ticks=18_500))
    assert refusal(desk, sell(20, id="o-4", account="ann")) == "max_short"
    placement = desk.venue.cancel("o-1")
    assert placement is not None
    desk.settlement.book(placement)
    assert desk.gate.check(buy(200, id="o-2", account="ann")).ok
    assert desk.accounts.account("ann").reserved == 0


def test_a_resting_order_fills_when_the_quote_crosses_it():
    feed = FakeFeed()
    desk = make_desk(feed)
    order = buy(50, type=OrderType.LIMIT, limit_ticks=17_900, time_in_force=TimeInForce.GTC)
    desk.gate.submit(order)
    assert desk.settlement.book_all(desk.venue.poll()) == 0
    feed.move(AAPL, 17_880, 17_890)
    assert desk.settlement.book_all(desk.venue.poll()) > 0
    accepted = desk.accounts.order("o-1")
    assert accepted.status.state is OrderState.FILLED
    assert accepted.status.average_price == Decimal("179.00")


def test_a_day_order_ends_with_its_day():
    feed = FakeFeed()
    desk = make_desk(feed)
    desk.gate.submit(buy(50, type=OrderType.LIMIT, limit_ticks=17_900))
    feed.move(AAPL, 18_000, 18_002, timedelta(days=1))
    desk.settlement.book_all(desk.venue.poll())
    status = desk.accounts.order("o-1").status
    assert (status.state, status.reason) == (OrderState.CANCELLED, "the day ended")


def test_compliance_rules_come_before_limits():
    def no_apple(order: Order) -> Check:
        ok = order.instrument != AAPL
        return Check("restricted_list", ok, "not restricted", order.instrument, "", "AAPL is on the restricted list")

    desk = make_desk(compliance=[no_apple])
    with pytest.raises(OrderRefused, match="restricted list") as caught:
        desk.gate.submit(buy(1_000_000))
    assert caught.value.rule == "restricted_list"
    assert desk.gate.submit(buy(1, instrument=EUR)).ok


def random_orders(count: int, seed: int) -> Iterator[Order]:
    dice, prices = random.Random(seed), FakeFeed().prices
    for n in range(count):
        instrument = dice.choice((AAPL, SAP, BTC, EUR, INDEX, "XNAS:NONE"))
        quantity = Decimal(dice.choice((1, 5, 50, 700, 3_000, 150_000)))
        if instrument == BTC:
            quantity = quantity / 1000
        limit = None
        if dice.random() < 0.6 and instrument in prices:
            bid, ask = prices[instrument]
            limit = int((bid + ask) / 2 * dice.uniform(0.85, 1.15))
        yield Order(
            client_id=f"r{n if dice.random() > 0.02 else dice.randrange(n + 1)}",
            account=dice.choice(("desk", "ann", "eva", "eva", "nobody")),
            instrument=instrument,
            side=dice.choice((Side.BUY, Side.SELL)),
            quantity=quantity,
            type=OrderType.MARKET if limit is None else OrderType.LIMIT,
            limit_ticks=limit,
            time_in_force=dice.choice(tuple(TimeInForce)),
            chosen=dice.choice(tuple(Chosen)),
        )


def check_doors_agree(count: int) -> dict[str, int]:
    """One desk asks and submits each order, a twin takes them in batches of uneven size."""
    usual = LimitTable()  # in a test's second all orders stand still; the rate has a test of its own
    often = replace(
        usual, customer=replace(usual.customer, max_order_rate=count), desk=replace(usual.desk, max_order_rate=count)
    )
    asked, batched = make_desk(limits=often), make_desk(limits=often)
    seen: dict[str, int] = {}
    dice = random.Random(2)
    chunk: list[Order] = []
    answers: list[Decision] = []
    for order in random_orders(count, 1):
        told = asked.gate.check(order)
        assert did(asked, order) == outcome(told)
        rule = told.refusal.rule if told.refusal else ""
        seen[rule] = seen.get(rule, 0) + 1
        chunk.append(order)
        answers.append(told)
        if len(chunk) >= dice.randrange(1, 400):
            compare(batched.gate.submit_batch(chunk), answers)
            chunk, answers = [], []
    compare(batched.gate.submit_batch(chunk), answers)
    assert asked.accounts.positions() == batched.accounts.positions()
    check_books_balance(asked)
    return seen


def check_books_balance(desk: PrivateDesk) -> None:
    for account in desk.accounts.accounts.values():
        for side, counted in ((Side.BUY, account.buys), (Side.SELL, account.sells)):
            summed: dict[str, Decimal] = {}
            for accepted in account.open.values():
                if accepted.order.side is side:
                    summed[accepted.order.instrument] = (
                        summed.get(accepted.order.instrument, Decimal(0)) + accepted.left
                    )
            assert counted == summed
        buys = [accepted for accepted in account.open.values() if accepted.order.side is Side.BUY]
        assert account.reserved == sum(accepted.reserved() for accepted in buys)
        if account.kind == "customer":
            assert all(holding.quantity >= 0 for holding in account.holdings.values())
            assert account.cash["USD"] * 100 + account.cash.get("EUR", 0) * 108 >= 0


def desk_table(**changes: int) -> LimitTable:
    return replace(LimitTable(), desk=replace(LimitTable().desk, **changes))


@pytest.mark.parametrize(
    ("limits", "order", "rule"),
    [
        (desk_table(max_net_exposure=20_000_00), buy(12), "max_net_exposure"),
        (desk_table(max_net_exposure=20_000_00), buy(11), ""),
        (desk_table(max_net_exposure=10_000_00), sell(50), ""),
        (desk_table(max_leverage_pct=1), buy(300), "max_leverage"),
        (desk_table(max_leverage_pct=1), sell(50), ""),
        (replace(LimitTable(), max_desk_exposure=30_000_00), buy(30), "max_desk_exposure"),
        (replace(LimitTable(), max_desk_exposure=30_000_00), sell(100), ""),
        (replace(LimitTable(), instruments={AAPL: InstrumentLimits(10, 2_000_000_00)}), buy(11), "max_order_quantity"),
        (replace(LimitTable(), instruments={AAPL: InstrumentLimits(10, 2_000_000_00)}), buy(11, instrument=EUR), ""),
        (replace(LimitTable(), instruments={AAPL: InstrumentLimits(500, 20_000_00)}), buy(12), "max_position"),
    ],
)
def test_limits_of_net_leverage_desk_and_instrument(limits: LimitTable, order: Order, rule: str) -> None:
    assert refusal(make_desk(limits=limits), order) == rule


def test_a_lost_day_stops_what_opens_and_never_what_closes():
    feed = FakeFeed()
    desk = make_desk(feed, limits=desk_table(max_daily_loss=400_00))
    desk.gate.submit(buy(1_000, id="b"))
    assert refusal(desk, buy(1, id="c")) == ""
    feed.previous[AAPL] = 18_000
    feed.move(AAPL, 17_960, 17_962)
    decision = desk.gate.check(buy(1, id="c"))
    assert decision.refusal is not None
    assert (decision.refusal.rule, decision.refusal.limit) == ("max_daily_loss", "400")
    # 100 held since before: 39 ticks each; 2,000 bought at 18,002: 41 ticks each
    assert decision.refusal.value == str(Decimal(100 * 39 + 1_000 * 41) / 100)
    assert desk.gate.check(sell(1_100, id="d")).ok
    assert refusal(desk, sell(1_101, id="d")) == "max_daily_loss"
    again = make_desk(feed, limits=desk_table(max_daily_loss=400_00))
    assert refusal(again, buy(1)) == ""


def test_too_many_orders_in_a_second_wait_for_the_next():
    clock = FrozenClock(START)
    desk = build_private_desk(FakeFeed(), clock, SEEDS, limits=desk_table(max_order_rate=3))
    for n in range(3):
        assert desk.gate.submit(buy(1, id=f"o{n}")).ok
    assert refusal(desk, buy(1, id="late")) == "max_order_rate"
    assert refusal(desk, buy(1, id="ann", account="ann")) == ""
    clock.advance(timedelta(seconds=1))
    assert desk.gate.submit(buy(1, id="late")).ok


def test_a_program_is_clamped_by_the_new_limits_too():
    table = replace(LimitTable(), desk=replace(LimitTable().desk, max_net_exposure=20_000_00))
    decision = make_desk(limits=table).gate.check(buy(500, chosen=Chosen.AGENT))
    assert decision.ok
    assert decision.order.quantity == 11
    assert decision.clamps[-1].rule == "max_net_exposure"


@pytest.mark.parametrize(
    ("order", "rule"),
    [
        (buy(5, type=OrderType.STOP), "stop_price"),
        (buy(5, type=OrderType.STOP, stop_ticks=30_000), "price_band"),
        (buy(5, stop_ticks=18_100), "stop_price"),
        (buy(5, type=OrderType.STOP_LIMIT, stop_ticks=18_100), "limit_price"),
        (buy(5, type=OrderType.LIMIT, limit_ticks=18_000, time_in_force=TimeInForce.GTD), "expires"),
        (buy(5, type=OrderType.LIMIT, limit_ticks=18_000, expires=START.date()), "expires"),
        (buy(5, type=OrderType.LIMIT, limit_ticks=18_000, time_in_force=TimeInForce.IOC, post_only=True), "post_only"),
        (buy(5, post_only=True), "post_only"),
        (buy(5, type=OrderType.LIMIT, limit_ticks=18_000, display=Decimal(5)), "display"),
        (buy(5, type=OrderType.LIMIT, limit_ticks=18_000, display=Decimal("0.5")), "display"),
        (buy(5, display=Decimal(1)), "display"),
    ],
)
def test_terms_that_make_no_order(order: Order, rule: str) -> None:
    assert refusal(make_desk(), order) == rule


def test_a_fill_is_booked_once():
    desk = make_desk()
    desk.gate.submit(buy(50))
    placement = desk.venue.restore(buy(50), desk.accounts.order("o-1").token, ())
    assert placement.fills
    before = (desk.accounts.seq, desk.accounts.positions())
    assert desk.settlement.book(placement) == 0
    fill = placement.fills[0]
    desk.settlement.write("order.filled", "desk", fill.to_dict())
    assert desk.accounts.positions() == before[1]
    stray = replace(fill, id="stray", account="ann")
    assert desk.settlement.book(placement._replace(fills=(stray,))) == 0
    assert desk.settlement.book(placement._replace(client_id="unknown")) == 0


def test_an_account_does_not_trade_with_itself():
    desk = make_desk()
    desk.gate.submit(buy(10, type=OrderType.LIMIT, limit_ticks=18_001))
    crossed = desk.gate.submit(sell(10, id="o-2", type=OrderType.LIMIT, limit_ticks=18_001))
    assert crossed.status is not None
    assert crossed.status.state is OrderState.REJECTED
    assert "own resting order" in crossed.status.reason
    other = desk.gate.submit(sell(10, id="o-3", account="ann"))
    assert other.status is not None
    assert other.status.state is OrderState.FILLED
    assert desk.accounts.order("o-1").status.state is OrderState.FILLED


def did(desk: PrivateDesk, order: Order) -> tuple[object, ...]:
    try:
        return outcome(desk.gate.submit(order))
    except OrderRefused as no:
        return (no.message, no.rule, no.limit, no.value)
    except Conflict as no:
        return (no.message, "client_id", "one order", "another order")


def outcome(decision: Decision) -> tuple[object, ...]:
    no = decision.refusal
    if no is not None:
        return (no.message, no.rule, no.limit, no.value)
    return (decision.order, decision.clamps, decision.repeated)


def compare(done: list[Decision], answers: list[Decision]) -> None:
    assert list(map(outcome, done)) == list(map(outcome, answers))


def test_three_doors_decide_alike():
    seen = check_doors_agree(1_000_000 if LONG else 50_000)
    assert {"", "account", "client_id", "market_data", "tradable", "max_order_notional", "price_band"} <= set(seen)
    assert {"buying_power", "max_short"} <= set(seen)
