"""EventBus: what is published is heard in order; a bad listener silences nobody; kept topics can be read again."""

from __future__ import annotations

import threading
import time

import pytest

from desk.bus.bus import Event, EventBus
from desk.bus.local import LocalBus
from desk.bus.redis import RedisBus
from tests.valkey import Valkey


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    started: list[Valkey] = []

    def url() -> str:
        if not started:
            started.append(Valkey(tmp_path_factory.mktemp("valkey"), durable=False))
        return f"{started[0].url[:-1]}{next(databases)}"

    databases = iter(range(16))
    yield url
    for each in started:
        each.kill()


@pytest.fixture(params=["embedded", pytest.param("redis", marks=pytest.mark.service)])
def bus(request, server):
    made: LocalBus | RedisBus = LocalBus() if request.param == "embedded" else RedisBus(server())
    yield made
    if isinstance(made, RedisBus):
        made.close()


def wait_for(heard: list, count: int) -> None:
    """Until as many were heard; the assertion that follows says what is missing."""
    ends = time.monotonic() + 10
    while len(heard) < count and time.monotonic() < ends:
        time.sleep(0.005)


def test_listeners_hear_in_order_until_they_stop(bus: EventBus):
    heard: list[Event] = []
    other: list[Event] = []
    stop = bus.listen("orders", heard.append)
    bus.listen("orders", other.append)
    bus.publish("orders", {"n": 1})
    bus.publish("halt", {"n": 2})
    bus.publish("orders", {"n": 3})
    wait_for(heard, 2)
    stop()
    stop()
    bus.publish("orders", {"n": 4})
    wait_for(other, 3)
    assert [(event.seq, event.body["n"]) for event in heard] == [(1, 1), (2, 3)]
    assert [(event.seq, event.body["n"]) for event in other] == [(1, 1), (2, 3), (3, 4)]


def test_who_listens_later_hears_what_comes_later(bus: EventBus):
    bus.publish("halt", {"n": 1})
    heard: list[Event] = []
    bus.listen("halt", heard.append)
    bus.publish("halt", {"n": 2})
    wait_for(heard, 1)
    assert [(event.seq, event.body["n"]) for event in heard] == [(2, 2)]


def fail(event: Event) -> None:
    raise ValueError(event)


def test_a_listener_that_fails_silences_nobody(bus: EventBus):
    heard: list[Event] = []
    bus.listen("orders", fail)
    bus.listen("orders", heard.append)
    bus.publish("orders", {})
    wait_for(heard, 1)
    assert len(heard) == 1


def test_quotes_reach_those_who_listen(bus: EventBus):
    heard: list[Event] = []
    bus.listen("quotes", heard.append)
    for number in range(3):
        bus.publish("quotes", {"n": number, "text": "ä\n"})
    wait_for(heard, 3)
    assert [(event.topic, event.body) for event in heard] == [
        ("quotes", {"n": number, "text": "ä\n"}) for number in range(3)
    ]


def test_orders_can_be_read_again_and_quotes_cannot(bus: EventBus):
    for topic in ("orders", "quotes"):
        for number in range(3):
            bus.publish(topic, {"n": number})
    assert [(event.seq, event.body["n"]) for event in bus.since("orders", 1)] == [(2, 1), (3, 2)]
    assert bus.since("quotes", 0) == []


def test_numbers_have_no_gap_when_many_publish(bus: EventBus):
    def publish(name: str) -> None:
        for number in range(200):
            bus.publish("orders", {"from": name, "n": number})

    threads = [threading.Thread(target=publish, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = bus.since("orders", 0)
    assert [event.seq for event in events] == list(range(1, 801))
    for name in "abcd":
        assert [event.body["n"] for event in events if event.body["from"] == name] == list(range(200))


def test_only_so_many_are_kept(bus: EventBus):
    for number in range(10_050):
        bus.publish("orders", {"n": number})
    events = bus.since("orders", 0)
    assert [events[0].seq, events[-1].seq, len(events)] == [51, 10_050, 10_000]
