"""Questions on market abuse through the whole graph: facts, what was looked at, and who may not ask."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from agents.market_abuse import kinds_in
from desk.orders import Order, OrderState, OrderType, Side


async def ask(runtime, question, name="compliance"):
    return await runtime.ask(question, runtime.desk.people.get(name))


@pytest.mark.parametrize(
    ("question", "looked"),
    [
        ("Any wash trading this week?", {"market_alerts", "orders_watched", "fills_watched"}),
        ("Is anybody spoofing?", {"market_alerts", "orders_watched", "fills_watched"}),
        ("Pump and dump in BTC?", {"market_alerts", "bars_watched"}),
    ],
)
async def test_an_answer_says_what_was_looked_at(runtime, question, looked):
    answer = await ask(runtime, question)
    assert answer["agents"] == ["fraud"]
    assert not answer["abstained"]
    shown = {fact["id"] for fact in answer["facts"]}
    assert shown | {"market_alerts"} == looked
    assert "Looked at" in answer["answer"]
    assert "simulated" in answer["answer"]


async def test_real_moves_of_history_are_told_with_their_rule(runtime):
    answer = await ask(runtime, "Fraud: any abnormal price moves in Best Buy in all history?")
    assert answer["details"]["fraud"]["alerts"]
    assert "XNYS:BBY" in answer["answer"]
    assert any("volatility" in cited["quote"] for cited in answer["citations"])
    assert {"market_alerts", "bars_watched"} <= {fact["id"] for fact in answer["facts"]}


@pytest.mark.parametrize("name", ["trader", "customer", "analyst", "evaluator", "admin"])
@pytest.mark.parametrize("question", ["Any wash trading this week?", "Suspicious insider trading alerts this month?"])
async def test_who_may_not_read_fraud_is_refused(runtime, name, question):
    answer = await ask(runtime, question, name)
    assert answer["refusal"]["rule"] == "role"
    assert answer["facts"] == []


@pytest.mark.parametrize("question", ["Is anybody front-running?", "Suspicious insider trading alerts this month?"])
async def test_what_cannot_be_judged_is_abstained_from(runtime, question):
    answer = await ask(runtime, question)
    assert answer["abstained"]
    assert answer["facts"] == []


def test_words_name_kinds():
    assert kinds_in("any spoofing or layering") == ("spoofing", "layering")
    assert "wash_trading" in kinds_in("signs of market manipulation")
    assert kinds_in("suspicious transfers this week") == ()
    assert kinds_in("should we wash the car") == ()


def test_the_desk_hears_when_orders_were_cancelled(runtime):
    placed, trader = "watched-1", runtime.desk.people.get("trader")
    ticks = int(runtime.desk.feed.quote("XNAS:AAPL").bid_ticks * 0.95)
    order = Order(placed, trader.accounts[0], "XNAS:AAPL", Side.BUY, Decimal(1), OrderType.LIMIT, ticks, by="trader")
    runtime.desk.trading.gate.submit(order)
    runtime.desk.trading.cancel(placed)
    assert runtime.desk.trading.status(placed).state is OrderState.CANCELLED
    until = time.monotonic() + 10
    while placed not in runtime.desk.arrivals.watch.market.ended and time.monotonic() < until:
        time.sleep(0.01)
    assert placed in runtime.desk.arrivals.watch.market.ended


def cross(runtime, n, seller, buyer):
    """The seller offers ten inside the spread, the buyer takes them; False when the replayed quote moved over them."""
    quote = runtime.desk.feed.quote("XNAS:AAPL")
    terms = {"type": OrderType.LIMIT, "limit_ticks": (quote.bid_ticks + quote.ask_ticks) // 2}
    for id, account, side in ((f"s-{n}", seller, Side.SELL), (f"b-{n}", buyer, Side.BUY)):
        runtime.desk.trading.gate.submit(Order(id, account, "XNAS:AAPL", side, Decimal(10), by="trader", **terms))
    for id in (f"s-{n}", f"b-{n}"):
        runtime.desk.trading.cancel(id)
    return [fill.other for fill in runtime.desk.trading.status(f"b-{n}").fills] == [seller]


async def test_a_wash_trade_at_the_venue_is_told_live_and_when_asked(runtime):
    told, bus = [], runtime.desk.bus
    bus.listen("fraud", lambda event: told.append(event.body))
    met = 0
    for n in range(200):
        met += cross(runtime, n, *(("desk-1", "customer-1") if met % 2 else ("customer-1", "desk-1")))
        if met == 6:
            break
    until = time.monotonic() + 10
    while not [body for body in told if body.get("typology") == "wash_trading"] and time.monotonic() < until:
        time.sleep(0.01)
    (live,) = [body for body in told if body.get("typology") == "wash_trading"]
    assert sorted(live["accounts"]) == ["customer-1", "desk-1"]
    answer = await ask(runtime, "Any wash trading this week?")
    assert answer["details"]["fraud"]["alerts"]
    assert "customer-1" in answer["answer"]


def test_the_owner_behind_an_account_is_the_customer(runtime):
    owners = [runtime.desk.people.owner(account) for account in ("customer-1", "desk-1", "nobody-1")]
    assert owners == ["customer", "", ""]
