"""EventBus: what is published is heard in order; a bad listener silences nobody; kept topics can be read again."""

from __future__ import annotations

import pytest

from desk.bus.bus import Event, EventBus
from desk.bus.local import LocalBus


@pytest.fixture
def bus() -> EventBus:
    return LocalBus()


def test_listeners_hear_in_order_until_they_stop(bus):
    heard: list[Event] = []
    stop = bus.listen("orders", heard.append)
    bus.publish("orders", {"n": 1})
    bus.publish("halt", {"n": 2})
    bus.publish("orders", {"n": 3})
    stop()
    stop()
    bus.publish("orders", {"n": 4})
    assert [(event.seq, event.body["n"]) for event in heard] == [(1, 1), (2, 3)]


def test_a_listener_that_fails_silences_nobody(bus):
    heard: list[Event] = []
    bus.listen("orders", lambda event: 1 / 0)
    bus.listen("orders", heard.append)
    bus.publish("orders", {})
    assert len(heard) == 1


def test_orders_can_be_read_again_and_quotes_cannot(bus):
    for topic in ("orders", "quotes"):
        for number in range(3):
            bus.publish(topic, {"n": number})
    assert [event.body["n"] for event in bus.since("orders", 1)] == [1, 2]
    assert bus.since("quotes", 0) == []
