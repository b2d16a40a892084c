"""Orders heard on the bus are watched in the queue of the streaming score; alerts go to the topic `fraud`."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from desk.bus.local import LocalBus
from desk.fraud.abuse.records import TOPIC
from desk.fraud.live import LiveWatch


class Market:
    """A clock that the test moves: every message is heard a tenth of a second after the one before."""

    def __init__(self, owner=lambda _: "") -> None:
        self.bus, self.at = LocalBus(), datetime(2024, 3, 1, tzinfo=UTC)
        self.told: list[dict[str, object]] = []
        self.bus.listen(TOPIC, lambda event: self.told.append(event.body))
        self.watch = LiveWatch(self.bus, lambda _: None, self.tick, owner=owner)

    def tick(self):
        self.at += timedelta(milliseconds=100)
        return self.at

    def say(self, id, side, quantity, state="working", filled="0", price=None, account="acct", **more):
        body = {"client_id": id, "account": account, "instrument": "X:A", "side": side, "quantity": str(quantity)}
        self.bus.publish("orders", {**body, "state": state, "filled": filled, "average_price": price, **more})

    def cross(self, n, seller, buyer, price="10"):
        """Two orders of a hundred, entered one after the other, that fill each other."""
        self.say(f"s{n}", "sell", 100, account=seller, limit=price)
        for id, side, account, other in ((f"b{n}", "buy", buyer, seller), (f"s{n}", "sell", seller, buyer)):
            trade = {"trade": f"t{n}", "other": other, "quantity": "100", "price": price}
            self.say(id, side, 100, "filled", "100", price, account, limit=price, trades=[trade])

    def market_alerts(self, *kinds):
        self.watch.close()
        found = [body for body in self.told if body["kind"] == "market"]
        return [body for body in found if body["typology"] in kinds] if kinds else found


def spoof(market, n, size=1000):
    market.say(f"s{n}", "sell", 100)
    market.say(f"b{n}", "buy", size)
    market.say(f"s{n}", "sell", 100, "filled", "100", "10")
    market.say(f"b{n}", "buy", size, "cancelled")


def later(market):
    for n in range(120):
        market.say(f"w{market.at}{n}", "buy", 1)


def test_spoofing_is_told_once_while_it_happens():
    market = Market()
    for n in range(6):
        spoof(market, n)
        later(market)
    (told,) = [body for body in market.market_alerts() if body["typology"] == "spoofing"]
    assert (told["accounts"], told["instrument"]) == (["acct"], "X:A")
    assert [alert.id for alert in market.watch.market.recent() if alert.kind == "spoofing"] == [told["id"]]
    assert told in [event.body for event in market.bus.since(TOPIC, 0)]
    assert "b0" in market.watch.market.ended


def test_orders_sent_and_pulled_too_fast_are_told():
    market = Market()
    for n in range(400):
        market.say(f"h{n}", "buy", 1)
        market.say(f"h{n}", "buy", 1, "cancelled")
    assert {body["typology"] for body in market.market_alerts()} == {"unauthorised_hft"}


def test_ordinary_orders_and_damaged_messages_say_nothing():
    market = Market()
    for n in range(50):
        market.say(f"o{n}", "buy", 10)
        market.say(f"o{n}", "buy", 10, "filled", "10", "5")
    market.bus.publish("orders", {"client_id": "x", "side": "buy"})
    assert market.market_alerts() == []


def layer(market, n, away):
    """A small sale, stacked bids at several prices, all `away`n once it is filled."""
    market.say(f"s{n}", "sell", 100, limit="10.01")
    for level in range(4):
        market.say(f"b{n}-{level}", "buy", 300, limit=f"{9.99 - level / 100:.2f}")
    market.say(f"s{n}", "sell", 100, "filled", "100", "10.01", limit="10.01")
    for level in range(4):
        away(market, f"b{n}-{level}", f"{9.99 - level / 100:.2f}")


def cancel(market, id, limit):
    market.say(id, "buy", 300, "cancelled", limit=limit)


def amend(market, id, limit):
    market.say(id, "buy", 1, limit="0.01")


@pytest.mark.parametrize("away", [cancel, amend])
def test_levels_stacked_by_price_and_pulled_are_layering(away):
    market = Market()
    for n in range(4):
        layer(market, n, away)
        later(market)
    (told,) = market.market_alerts("layering")
    assert (told["accounts"], told["instrument"]) == (["acct"], "X:A")
    assert "several_levels" in told["rules"]
    assert market.market_alerts("spoofing") == []


def test_accounts_that_sell_to_each_other_and_back_are_told_once():
    market = Market()
    for n in range(8):
        market.cross(n, *(("ann", "bob") if n % 2 else ("bob", "ann")))
    (told,) = market.market_alerts("wash_trading")
    assert sorted(told["accounts"]) == ["ann", "bob"]
    assert told["rules"] == ["round_trip", "closed_group"]


def test_one_owner_behind_both_accounts_is_told():
    market = Market({"ann-1": "ann", "ann-2": "ann", "bob": "bob"}.get)
    for n in range(4):
        market.cross(n, *(("ann-1", "ann-2") if n % 2 else ("ann-2", "ann-1")))
    (told,) = market.market_alerts("wash_trading")
    assert told["rules"] == ["same_owner"]


def test_opposite_orders_entered_together_are_matched_orders():
    market = Market()
    for n in range(4):
        market.cross(n, "ann", "bob", f"{10 + n}")
    (told,) = market.market_alerts("matched_orders")
    assert sorted(told["accounts"]) == ["ann", "bob"]
    assert market.market_alerts("wash_trading") == []  # bob ends with the paper


def test_a_meeting_among_many_trades_with_others_is_none():
    market = Market()
    for n in range(20):
        market.cross(n, f"one-{n}", f"two-{n}")
    market.cross("again", "two-3", "one-3")
    assert market.market_alerts("wash_trading", "matched_orders") == []


def test_a_message_told_twice_counts_once():
    market = Market()
    trade = {"trade": "t", "other": "bob", "quantity": "100", "price": "10"}
    for _ in range(5):
        market.say("b", "buy", 100, "filled", "100", "10", "ann", limit="10", trades=[trade])
    assert market.market_alerts() == []


def test_what_waited_in_the_queue_is_judged_at_the_time_it_was_published():
    market, may_go_on = Market(), threading.Event()

    def late():
        may_go_on.wait(10)
        return ()

    market.watch.close()
    market.watch = LiveWatch(market.bus, lambda _: None, market.tick, history=late)
    for n in range(400):
        market.say(f"w{n}", "buy", 1)
        market.at += timedelta(seconds=2)
        market.say(f"w{n}", "buy", 1, "cancelled")
        market.at += timedelta(seconds=2)
    may_go_on.set()
    assert market.market_alerts() == []
    assert market.watch.market.ended["w1"] - market.watch.market.ended["w0"] == pytest.approx(4.2)


def test_round_trips_that_are_little_of_what_both_trade_are_none():
    market = Market()
    for n in range(6):
        market.cross(n, *(("ann", "bob") if n % 2 else ("bob", "ann")))
        for account in ("ann", "bob"):
            market.say(f"{account}{n}", "buy", 900, "filled", "900", "10", account)
    assert market.market_alerts("wash_trading") == []
