"""Orders heard on the bus are watched in the queue of the streaming score; alerts go to the topic `fraud`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from desk.bus.local import LocalBus
from desk.fraud.live import TOPIC, LiveWatch


class Market:
    """A clock that the test moves; it is read by the watch when a message is handled, so both go in step."""

    def __init__(self) -> None:
        self.bus, self.at = LocalBus(), datetime(2024, 3, 1, tzinfo=UTC)
        self.told: list[dict[str, object]] = []
        self.bus.listen(TOPIC, lambda event: self.told.append(event.body))
        self.watch = LiveWatch(self.bus, lambda _: None, self.tick)

    def tick(self):
        self.at += timedelta(milliseconds=100)
        return self.at

    def say(self, id, side, quantity, state="working", filled="0", price=None):
        body = {"client_id": id, "account": "acct", "instrument": "X:A", "side": side, "quantity": str(quantity)}
        self.bus.publish("orders", {**body, "state": state, "filled": filled, "average_price": price, "reason": ""})

    def market_alerts(self):
        self.watch.close()
        return [body for body in self.told if body["kind"] == "market"]


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
