"""The bus over a real server that is killed and comes back: nothing is lost, doubled or told out of order."""

from __future__ import annotations

import threading
import time

import pytest

from desk.bus.bus import Event
from desk.bus.redis import RedisBus
from desk.errors import BackEndUnreachable
from tests.valkey import Valkey

pytestmark = [pytest.mark.fault, pytest.mark.service]


@pytest.fixture
def servers(tmp_path):
    started: list[Valkey] = []

    def start(*, durable: bool) -> Valkey:
        started.append(Valkey(tmp_path / f"valkey-{len(started)}", durable=durable))
        return started[-1]

    yield start
    for server in started:
        server.kill()


@pytest.fixture
def buses():
    made: list[RedisBus] = []

    def build(server: Valkey, **options) -> RedisBus:
        made.append(RedisBus(server.url, **options))
        return made[-1]

    yield build
    for bus in made:
        bus.close()


def wait_until(found) -> bool:
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        if found():
            return True
        time.sleep(0.01)
    return False


def test_a_killed_server_loses_and_doubles_nothing(servers, buses):
    server = servers(durable=True)
    sender, reader = buses(server), buses(server)
    heard: list[Event] = []
    reader.listen("orders", heard.append)
    for number in range(3_000):
        if number in (700, 1_900):
            server.kill()
        if number in (1_100, 2_300):
            server.start()
        sender.publish("orders", {"n": number})
        time.sleep(0.0005)
    assert wait_until(lambda: len(heard) >= 3_000)
    time.sleep(0.3)
    assert [event.body["n"] for event in heard] == list(range(3_000))
    assert [event.seq for event in heard] == list(range(1, 3_001))
    assert [event.seq for event in sender.since("orders", 2_990)] == list(range(2_991, 3_001))


def test_after_a_server_forgot_everything_numbers_go_on(servers, buses):
    server = servers(durable=False)
    sender, reader = buses(server), buses(server)
    heard: list[Event] = []
    reader.listen("orders", heard.append)
    for number in range(50):
        sender.publish("orders", {"n": number})
    assert wait_until(lambda: len(heard) == 50)
    server.kill()
    for number in range(50, 80):
        sender.publish("orders", {"n": number})
    server.start()
    assert wait_until(lambda: len(heard) >= 80)
    time.sleep(0.3)
    assert [(event.seq, event.body["n"]) for event in heard] == [(n + 1, n) for n in range(80)]


def test_one_who_listens_during_an_outage_misses_nothing_after_it(servers, buses):
    server = servers(durable=True)
    sender, reader = buses(server), buses(server)
    quotes: list[Event] = []
    reader.listen("quotes", quotes.append)
    server.kill()
    with pytest.raises(BackEndUnreachable):
        sender.since("orders", 0)
    server.start()

    def heard_again() -> bool:
        sender.publish("quotes", {"n": 1})
        return bool(quotes)

    assert wait_until(heard_again)


def test_a_slow_listener_delays_no_publisher(servers, buses):
    bus = buses(servers(durable=False))
    may_go_on = threading.Event()
    heard: list[Event] = []

    def slow(event: Event) -> None:
        may_go_on.wait(30)
        heard.append(event)

    bus.listen("orders", slow)
    for number in range(500):
        bus.publish("orders", {"n": number})
    assert [event.body["n"] for event in bus.since("orders", 498)] == [498, 499]
    assert heard == []
    may_go_on.set()
    assert wait_until(lambda: len(heard) == 500)


def test_what_waits_for_a_lost_server_is_bounded(servers, buses):
    server = servers(durable=True)
    bus, reader = buses(server, room=100), buses(server)
    heard: list[Event] = []
    reader.listen("orders", heard.append)
    server.kill()
    for number in range(1_000):
        bus.publish("orders", {"n": number})
    server.start()
    assert wait_until(lambda: bool(heard) and heard[-1].body["n"] == 999)
    assert [event.seq for event in heard] == list(range(1, len(heard) + 1))
    assert len(heard) <= 300
