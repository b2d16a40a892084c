"""Outside brokers before venues that fail: nothing is sent twice, nothing is said before it is known."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import structlog

from desk.errors import BrokerError, Forbidden, KeyRefused
from desk.orders import Order, OrderState, OrderType, Side, TimeInForce
from desk.trading.broker import Placement
from desk.trading.outside import OutsideBroker
from tests.desk.trading.fake_feed import AAPL, BTC
from tests.venues import alpaca_server, binance_server
from tests.venues.alpaca_server import AlpacaServer
from tests.venues.binance_server import BinanceServer
from tests.venues.build import build_alpaca, build_binance, token
from tests.venues.served import AFTER, BEFORE

VENUES = ["binance", "alpaca"]
BTCUSDT = binance_server.BTC


def coin(n: str = "0.5", id: str = "o-1", side: Side = Side.BUY, **more) -> Order:
    return Order(id, "desk", BTC, side, Decimal(n), **more)


def share(n: str = "5", id: str = "o-1", side: Side = Side.BUY, **more) -> Order:
    return Order(id, "desk", AAPL, side, Decimal(n), **more)


def limit(order: Callable[..., Order], n: str, price: int, id: str = "o-1", **more) -> Order:
    return order(n, id, type=OrderType.LIMIT, limit_ticks=price, **{"time_in_force": TimeInForce.GTC, **more})


@pytest.fixture
def binance():
    server = BinanceServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def alpaca():
    server = AlpacaServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def made():
    """Brokers that are closed at the end."""
    brokers: list[OutsideBroker] = []

    def keep(broker):
        brokers.append(broker)
        return broker

    yield keep
    for broker in brokers:
        broker.close()


@pytest.fixture(params=VENUES)
def pair(request, binance, alpaca, made):
    """A server, a broker before it that is not started, and an order it takes."""
    if request.param == "binance":
        return binance, made(build_binance(binance.url, timeout_s=0.5)), coin()
    return alpaca, made(build_alpaca(alpaca.url, timeout_s=0.5)), share()


def place(broker: OutsideBroker, order: Order) -> Placement:
    return broker.place(order, token(order))


def place_until(broker: OutsideBroker, order: Order, tries: int = 30) -> Placement:
    """As the worker does: again while the broker says so."""
    for _ in range(tries):
        try:
            return place(broker, order)
        except BrokerError as error:
            if not error.retry:
                raise
            time.sleep(0.1)
    raise AssertionError("the broker never answered")


def until(done: Callable[[], bool], seconds: float = 15) -> bool:
    ends = time.monotonic() + seconds
    while not done() and time.monotonic() < ends:
        time.sleep(0.02)
    return done()


def traded(broker: OutsideBroker, *placed: Placement) -> dict[str, Decimal]:
    """Units per fill id of everything told, once the venue was asked for the rest."""
    broker.catch_up()
    return {fill.id: fill.quantity for one in (*placed, *broker.poll()) for fill in one.fills}


@pytest.mark.parametrize("where", ["question", "order"])
@pytest.mark.parametrize("fault", [*BEFORE, *AFTER, "418", "503"])
def test_one_order_whatever_becomes_of_the_request(pair, fault: str, where: str) -> None:
    server, broker, order = pair
    place(broker, replace(order, client_id="warm"))  # rules and clock are known
    traded(broker)
    server.faults.where, server.faults.script = "order", [fault] if where == "question" else ["", fault]
    placed = place_until(broker, order)
    assert server.faults.met == [fault]
    assert place(broker, order).client_id == "o-1"
    time.sleep(server.faults.late_s if fault == "late" else 0)
    assert [o.name for o in server.book.orders] == ["warm", "o-1"]
    assert sum(traded(broker, placed).values()) == order.quantity


@pytest.mark.parametrize("fault", ["cut_after", "hang_after", "502_after", "late"])
def test_a_new_process_finds_what_the_one_before_it_sent(pair, made, fault: str) -> None:
    """The first dies without an answer; the second asks before it sends, and waits for what may still arrive."""
    server, broker, order = pair
    place(broker, replace(order, client_id="warm"))
    server.faults.script, server.faults.where, server.faults.late_s = [fault], "order", 0.25
    with pytest.raises(BrokerError) as met:
        broker.door.place(order)
    assert (met.value.retry, met.value.sent) == (True, True)
    build = build_binance if order.instrument == BTC else build_alpaca
    second = made(build(server.url, timeout_s=1.0))
    placed = place_until(second, order)
    assert [o.name for o in server.book.orders] == ["warm", "o-1"]
    assert sum(traded(second, placed).values()) == order.quantity


def test_an_old_worker_waits_for_what_another_may_have_on_the_way(binance: BinanceServer, made) -> None:
    first, second = made(build_binance(binance.url, timeout_s=0.1)), made(build_binance(binance.url))
    for broker in (first, second):
        place(broker, coin(id=f"warm-{len(binance.book.orders)}"))
    time.sleep(first.door.window_s)
    binance.faults.script, binance.faults.where, binance.faults.late_s = ["late"], "order", 0.2
    with pytest.raises(BrokerError):
        first.door.place(coin())
    second.expect_earlier(coin())
    assert place(second, coin()).state is OrderState.FILLED
    time.sleep(binance.faults.late_s)
    assert [o.name for o in binance.book.orders].count("o-1") == 1


def test_cancelling_many_at_a_mute_venue_waits_for_one_answer_only(pair) -> None:
    server, broker, order = pair
    far = limit(coin, "0.5", 5_000_000) if order.instrument == BTC else limit(share, "5", 17_000)
    for number in range(5):
        place(broker, replace(far, client_id=f"o-{number}"))
    broker.catch_up()
    server.faults.script, server.faults.hang_s = ["hang_before"] * 10, 0.7
    before = len(server.requests)
    for number in range(5):
        with pytest.raises(BrokerError) as met:
            broker.cancel(f"o-{number}")
        assert met.value.retry
    assert len(server.requests) == before + 1
    server.faults.script = []
    broker.start()
    assert until(lambda: broker.reach.state == "connected")
    assert broker.cancel("o-0") is not None


def test_a_filled_order_is_not_sent_again_although_its_name_is_free(binance: BinanceServer, made) -> None:
    """Binance takes a client id anew once the first order has ended: only asking first keeps it at one."""
    place(made(build_binance(binance.url)), coin())
    again = place(made(build_binance(binance.url)), coin())
    assert (again.state, len(binance.book.orders)) == (OrderState.FILLED, 1)


def test_a_lapsed_token_still_finds_the_order_and_sends_none(pair, made) -> None:
    server, broker, order = pair
    place(broker, order)
    build = build_binance if order.instrument == BTC else build_alpaca
    second, late = made(build(server.url)), token(order, life=-1)
    found = second.place(order, late)
    assert sum(traded(second, found).values()) == order.quantity
    other = replace(order, client_id="o-2")
    with pytest.raises(Forbidden):
        second.place(other, token(other, life=-1))
    assert len(server.book.orders) == 1


def test_when_nobody_answers_the_try_costs_nothing(made) -> None:
    for broker in (made(build_binance("http://127.0.0.1:9")), made(build_alpaca("http://127.0.0.1:9"))):
        order = coin() if broker.name == "Binance" else share()
        with pytest.raises(BrokerError, match=r"TENOR_(BINANCE|ALPACA)_BASE_URL") as met:
            place(broker, order)
        assert (met.value.retry, met.value.sent) == (True, False)


@pytest.mark.parametrize("which", VENUES)
def test_a_wrong_key_says_so_and_tells_no_secret(which: str, binance, alpaca, made, capsys) -> None:
    wrong = {"key": "wrong-made-up-name", "secret": "wrong-made-up-word"}
    build, url = (build_binance, binance.url) if which == "binance" else (build_alpaca, alpaca.url)
    broker = made(build(url, **wrong))
    broker.start()
    assert until(lambda: broker.reach.state == "refused")
    assert f"TENOR_{which.upper()}_KEY" in broker.reach.detail
    assert broker.reach.closed
    with pytest.raises(KeyRefused) as met:
        broker.door.check()
    told = f"{met.value} {broker.reach} {capsys.readouterr()}"
    assert not any(word in told for word in (*wrong.values(), "signature="))


def test_a_key_that_is_mended_is_taken(binance: BinanceServer, made) -> None:
    broker = made(build_binance(binance.url))
    known, binance.key = binance.key, "another-made-up-name"
    broker.start()
    assert until(lambda: broker.reach.state == "refused")
    binance.key = known
    assert until(lambda: broker.reach.state == "connected")


@pytest.mark.parametrize("drift_ms", [-90_000, 90_000])
def test_a_clock_that_is_off_is_measured_and_measured_anew(binance: BinanceServer, made, drift_ms: int) -> None:
    broker = made(build_binance(binance.url))
    binance.drift_ms = drift_ms
    assert place(broker, coin()).state is OrderState.FILLED
    binance.drift_ms = -drift_ms
    assert place(broker, coin(id="o-2")).state is OrderState.FILLED
    broker.start()
    assert until(lambda: broker.reach.stream)


@pytest.mark.parametrize(
    ("order", "says"),
    [
        (coin("0.00005"), "LOT_SIZE: quantity 0.00005 is below 0.0001"),
        (coin("0.00015"), "LOT_SIZE: quantity 0.00015 is not a multiple of 0.0001"),
        (coin("9001"), "LOT_SIZE: quantity 9001 is above 9000"),
        (limit(coin, "0.0001", 100_000), "NOTIONAL: value 0.1 USDT is below 5"),
        (limit(coin, "1", 100_000_100), "PRICE_FILTER: price 1000001 is above 1000000"),
        (limit(coin, "1", 30_000_001), "PERCENT_PRICE_BY_SIDE: price 300000.01 is above 300000"),
        (limit(coin, "1", 1_199_999), "PERCENT_PRICE_BY_SIDE: price 11999.99 is below 12000"),
        (limit(coin, "1.1", 5_000_000, display=Decimal("0.1")), "ICEBERG_PARTS: 11 parts are more than 10"),
        (limit(coin, "1", 5_000_000, time_in_force=TimeInForce.DAY), "time in force day is not known there"),
        (limit(coin, "1", 5_000_000, time_in_force=TimeInForce.GTD, expires=date(2024, 3, 2)), "time in force gtd"),
        (limit(coin, "1", 5_000_000, time_in_force=TimeInForce.IOC, display=Decimal("0.5")), "an iceberg must be gtc"),
    ],
)
def test_what_breaks_a_filter_is_refused_by_name_and_not_sent(binance, made, order: Order, says: str) -> None:
    placed = place(made(build_binance(binance.url)), order)
    assert placed.state is OrderState.REJECTED
    assert says in placed.reason
    assert ("POST", "/api/v3/order") not in binance.requests


@pytest.mark.parametrize(
    ("order", "says"),
    [
        (share("1.5", time_in_force=TimeInForce.GTC), "QUANTITY: 1.5 is not a multiple of 1"),
        (limit(share, "5", 17_000, post_only=True), "neither post-only nor iceberg"),
        (limit(share, "5", 17_000, time_in_force=TimeInForce.GTD, expires=date(2024, 3, 2)), "gtd is not known there"),
    ],
)
def test_what_alpaca_does_not_take_is_refused_by_name_and_not_sent(alpaca, made, order: Order, says: str) -> None:
    placed = place(made(build_alpaca(alpaca.url)), order)
    assert placed.state is OrderState.REJECTED
    assert says in placed.reason
    assert ("POST", "/v2/orders") not in alpaca.requests


def test_a_fraction_of_a_share_goes_by_the_day(alpaca: AlpacaServer, made) -> None:
    place(made(build_alpaca(alpaca.url)), share("1.5"))
    assert [order.qty for order in alpaca.book.orders] == [Decimal("1.5")]


def test_the_market_is_closed(alpaca: AlpacaServer, made) -> None:
    alpaca.is_open = False
    broker = made(build_alpaca(alpaca.url))
    placed = place(broker, limit(share, "5", 19_000, time_in_force=TimeInForce.IOC))
    assert placed.state is OrderState.REJECTED
    assert (
        f"MARKET_HOURS: ioc orders cannot wait, and the market is closed; it opens {alpaca_server.OPENS}"
        in placed.reason
    )
    assert broker.door.note.startswith("the market is closed")
    assert place(broker, limit(share, "5", 17_000, id="o-2")).state is OrderState.WORKING


@pytest.mark.parametrize("kind", ["lot", "tick"])
def test_rules_that_changed_since_they_were_read(binance: BinanceServer, made, kind: str) -> None:
    broker = made(build_binance(binance.url))
    place(broker, coin())
    if kind == "lot":
        binance.filters[BTCUSDT]["LOT_SIZE"]["stepSize"] = "0.01"
    else:
        binance.filters[BTCUSDT]["PRICE_FILTER"]["tickSize"] = "1"
    odd = limit(coin, "0.5003", 5_000_050, id="o-2")
    first, second = place(broker, odd), place(broker, replace(odd, client_id="o-3"))
    assert (first.state, second.state) == (OrderState.REJECTED, OrderState.REJECTED)
    assert "Filter failure" in first.reason
    words = "quantity 0.5003 is not a multiple of 0.01" if kind == "lot" else "price 50000.5 is not a multiple of 1"
    assert words in second.reason
    assert len(binance.book.orders) == 1


def test_a_tick_finer_than_the_desks_is_refused(binance: BinanceServer, made) -> None:
    binance.filters[BTCUSDT]["PRICE_FILTER"]["tickSize"] = "0.001"
    placed = place(made(build_binance(binance.url)), coin())
    assert "its tick 0.001 is no multiple of this desk's 0.01" in placed.reason


@pytest.mark.parametrize("status", ["BREAK", "HALT", None])
def test_a_symbol_that_is_not_traded_there(binance: BinanceServer, made, status: str | None) -> None:
    if status is None:
        del binance.status[BTCUSDT]
    else:
        binance.status[BTCUSDT] = status
    placed = place(made(build_binance(binance.url)), coin())
    assert placed.state is OrderState.REJECTED
    assert (f"its status is {status}" if status else "is not listed there") in placed.reason


def test_a_symbol_delisted_while_an_order_rests(binance: BinanceServer, made) -> None:
    broker = made(build_binance(binance.url))
    place(broker, limit(coin, "0.5", 5_000_000))
    del binance.status[BTCUSDT]
    order = binance.book.find("o-1")
    assert order is not None
    binance.book.cancel(order, "expired")
    broker.catch_up()
    (told,) = broker.poll()
    assert (told.state, told.reason != "") == (OrderState.CANCELLED, True)


def test_an_asset_that_is_not_tradable(alpaca: AlpacaServer, made) -> None:
    alpaca.assets["AAPL"] = {"tradable": False, "fractionable": False, "status": "inactive"}
    assert "AAPL is inactive and not tradable there" in place(made(build_alpaca(alpaca.url)), share()).reason
    alpaca.assets.clear()
    assert "AAPL is not listed there" in place(made(build_alpaca(alpaca.url)), share()).reason


def test_a_status_word_nobody_knows_leaves_the_order_and_is_shown(pair) -> None:
    server, broker, order = pair
    far = limit(coin, "0.5", 5_000_000) if order.instrument == BTC else limit(share, "5", 17_000)
    place(broker, far)
    server.word = "LIMBO"
    with structlog.testing.capture_logs() as logs:
        broker.catch_up()
        broker.catch_up()
    assert [(one["event"], one["word"]) for one in logs] == [("unknown status word", "LIMBO")]
    (told,) = broker.poll()
    assert (told.state, "LIMBO" in told.reason) == (OrderState.WORKING, True)
    server.word = ""
    server.book.trade("o-1", far.quantity)
    broker.catch_up()
    assert broker.poll()[-1].state is OrderState.FILLED


def test_a_pause_is_kept(pair) -> None:
    server, broker, order = pair
    server.faults.script, server.faults.pause_s = ["429"], 2
    before = len(server.requests)
    says = []
    for _ in range(5):
        with pytest.raises(BrokerError, match=r"until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC") as met:
            place(broker, order)
        says.append((met.value.retry, met.value.sent))
    assert says == [(True, False)] * 5
    assert len(server.requests) == before + 1
    assert place_until(broker, order).client_id == "o-1"


def test_request_weight_near_its_limit_pauses(binance: BinanceServer, made) -> None:
    broker = made(build_binance(binance.url))
    broker.door.check()
    binance.used_weight = 5_500
    broker.door.check()
    with pytest.raises(BrokerError, match="has counted 5500 of 6000 this minute: paused until"):
        broker.door.check()


def test_long_and_odd_client_ids_have_one_name_there(pair) -> None:
    server, broker, order = pair
    ids = ["x" * 64, "appr:1/2", f"t-{'0' * 32}", "plain-1_A"]
    for id in ids:
        place(broker, replace(order, client_id=id))
    names = [o.name for o in server.book.orders]
    assert len(set(names)) == len(ids)
    assert names[-1] == "plain-1_A"
    assert [broker.door.label(replace(order, client_id=id)) for id in ids] == names


def test_fees_are_booked_in_what_was_charged(binance: BinanceServer, made) -> None:
    broker = made(build_binance(binance.url))
    bought, sold = place(broker, coin("0.5")), place(broker, coin("0.5", id="o-2", side=Side.SELL))
    assert [(f.commission, f.currency) for f in (*bought.fills, *sold.fills)] == [(50_000, "BTC"), (30_00, "USD")]
    binance.fee, binance.fee_asset = Decimal("0.01"), "BNB"
    (fill,) = place(broker, coin("0.5", id="o-3")).fills
    assert (fill.commission, fill.currency) == (6_00, "USD")  # .01 BNB at the venue's 600 USDT


def test_a_price_between_two_ticks_costs_what_it_cost(alpaca: AlpacaServer, made) -> None:
    alpaca.book.prices["AAPL"] = Decimal("180.0137")
    broker = made(build_alpaca(alpaca.url))
    placed = place(broker, share("100"))
    broker.catch_up()
    (fill,) = {fill.id: fill for one in (placed, *broker.poll()) for fill in one.fills}.values()
    assert fill.price_ticks * 100 + fill.commission == 18_001_37 / 1


def test_stops_wait_and_say_when_they_are_reached(binance: BinanceServer, made) -> None:
    broker = made(build_binance(binance.url))
    stop = coin("0.5", type=OrderType.STOP_LIMIT, stop_ticks=6_100_000, limit_ticks=6_200_000,
                time_in_force=TimeInForce.GTC)  # fmt: skip
    placed = place(broker, stop)
    assert (placed.state, placed.triggered) == (OrderState.WORKING, False)
    binance.book.move(BTCUSDT, "61500")
    broker.catch_up()
    told = broker.poll()[-1]
    assert (told.state, told.triggered) == (OrderState.FILLED, True)
    assert binance.book.orders[0].kind == "STOP_LOSS_LIMIT"


def test_post_only_icebergs_and_kinds_in_the_venues_words(binance: BinanceServer, made) -> None:
    broker = made(build_binance(binance.url))
    place(broker, limit(coin, "0.5", 5_000_000, post_only=True))
    place(broker, limit(coin, "0.5", 5_000_000, id="o-2", display=Decimal("0.1")))
    place(broker, coin("0.5", id="o-3", side=Side.SELL, type=OrderType.STOP, stop_ticks=5_000_000,
                       time_in_force=TimeInForce.GTC))  # fmt: skip
    assert [(o.kind, o.shown) for o in binance.book.orders] == [
        ("LIMIT_MAKER", None), ("LIMIT", Decimal("0.1")), ("STOP_LOSS", None)]  # fmt: skip
    taker = place(broker, limit(coin, "0.5", 7_000_000, id="o-4", post_only=True))
    assert (taker.state, "immediately match" in taker.reason) == (OrderState.REJECTED, True)


def test_more_trades_than_a_page_are_all_read(pair) -> None:
    server, broker, order = pair
    server.book.parts = 150
    many = replace(order, quantity=Decimal(150))
    assert sum(traded(broker, place(broker, many)).values()) == 150
