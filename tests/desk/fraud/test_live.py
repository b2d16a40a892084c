"""Scored as it happens: orders, fills and transfers reach the bus, givers wait, publishers do not, nothing is lost."""

import threading
from datetime import UTC, datetime

import pytest

from desk.bus.local import LocalBus
from desk.errors import InputError
from desk.fraud.abuse.records import TOPIC
from desk.fraud.episodes import Payment
from desk.fraud.live import LiveWatch

NOW = datetime(2024, 3, 1, tzinfo=UTC)
DAY = 86_400


def watch(bus, **more):
    return LiveWatch(bus, lambda instrument: None if instrument == "X:NONE" else 10.0, lambda: NOW, **more)


def order(bus, client, filled="0", price=None, quantity="5", instrument="X:A", account="acct"):
    body = {"client_id": client, "account": account, "instrument": instrument, "quantity": quantity}
    bus.publish("orders", {**body, "filled": filled, "average_price": price, "state": "new"})


def test_an_order_and_each_part_of_its_fill_are_scored_once():
    bus = LocalBus()
    live = watch(bus, report_from=0.0)
    order(bus, "o1")
    order(bus, "o1", "2", "11")
    order(bus, "o1", "5", "12")
    order(bus, "o1", "5", "12")
    order(bus, "o2", instrument="X:NONE")
    live.close()
    assert live.scored == 3
    assert [(alert.id, alert.source, alert.amount, alert.count) for alert in reversed(live.recent())] == [
        ("order:o1", "acct/orders", 50.0, 1),
        ("fill:o1:2", "acct/fills", 60.0, 2),
    ]


def test_a_payment_that_stands_out_is_on_the_bus_while_the_watch_runs():
    bus, heard, told = LocalBus(), threading.Event(), []
    live = watch(bus)
    bus.listen(TOPIC, lambda event: told.append(event.body))
    bus.listen(TOPIC, lambda event: heard.set())
    for day in range(20):
        live.offer(Payment(f"t{day}", "ann", "shop", 1_000_000 + day * DAY, 100.0))
    live.offer(Payment("in", "bob", "ann", 1_000_000 + 20 * DAY, 5_000.0))
    live.offer(Payment("out", "ann", "carl", 1_000_060 + 20 * DAY, 4_900.0))
    assert heard.wait(10)
    assert [(body["id"], body["kind"], body["signs"]) for body in told] == [
        ("out", "streaming", ["amount", "pass_through", "new_counterpart"])
    ]
    assert [alert.id for alert in live.recent()] == ["out"]
    assert [event.body["id"] for event in bus.since(TOPIC, 0)] == ["out"]
    live.close()


def test_a_full_queue_makes_givers_wait_and_nothing_is_lost():
    bus, blocked, may_go_on, told = LocalBus(), threading.Event(), threading.Event(), []

    def slow(event):
        told.append(event.body["id"])
        blocked.set()
        may_go_on.wait(10)

    bus.listen(TOPIC, slow)
    live = watch(bus, waiting=8, report_from=0.0)
    givers = [threading.Thread(target=give, args=(live, name)) for name in "abcd"]
    for giver in givers:
        giver.start()
    assert blocked.wait(10)
    givers[0].join(timeout=0.2)
    assert all(giver.is_alive() for giver in givers)  # 400 are given, one is held up, eight fit
    assert live.scored == 1
    may_go_on.set()
    for giver in givers:
        giver.join(timeout=10)
    live.close()
    assert live.scored == len(told) == len(set(told)) == 400
    assert [id for id in told if id.startswith("a")] == [f"a{number}" for number in range(100)]


def test_a_publisher_never_waits_and_nothing_is_lost():
    bus, blocked, may_go_on, told = LocalBus(), threading.Event(), threading.Event(), []

    def slow(event):
        told.append(event.body["id"])
        blocked.set()
        may_go_on.wait(10)

    bus.listen(TOPIC, slow)
    live = watch(bus, waiting=8, report_from=0.0)
    order(bus, "o0", account="a0")
    assert blocked.wait(10)
    publisher = threading.Thread(
        target=lambda: [order(bus, f"o{number}", account=f"a{number}") for number in range(1, 100)]
    )
    publisher.start()
    publisher.join(timeout=10)
    assert not publisher.is_alive()
    assert (live.scored, live.waiting) == (1, 99)
    may_go_on.set()
    live.close()
    assert told == [f"order:o{number}" for number in range(100)]
    assert live.waiting == 0


def give(live, name):
    for number in range(100):
        live.offer(Payment(f"{name}{number}", f"{name}-{number}", "shop", 1_000_000 + number, 5.0))


def test_a_damaged_event_is_left_out_and_the_watch_goes_on():
    bus = LocalBus()
    live = watch(bus, report_from=0.0)
    bus.publish("orders", {"client_id": "o1"})
    live.offer(Payment("bad", "a", "b", 100, -1.0))
    live.offer(Payment("good", "a", "b", 100, 1.0))
    live.close()
    live.close()
    assert [alert.id for alert in live.recent()] == ["good"]
    with pytest.raises(InputError, match="after the watch was closed"):
        live.offer(Payment("late", "a", "b", 100, 1.0))
    order(bus, "o2")
    assert live.scored == 1


def test_a_watch_that_has_begun_has_learned_before_anything_happens():
    read = threading.Event()

    def past():
        read.set()
        return [Payment(f"t{day}", "ann", "shop", 1_000_000 + day * DAY, 100.0) for day in range(20)]

    live = watch(LocalBus(), history=past)
    assert not read.is_set()
    live.begin()
    live.begin()
    assert read.wait(10)
    live.close()
    assert live.scored == 0


def test_a_closed_watch_does_not_begin():
    live = watch(LocalBus(), history=lambda: pytest.fail("it read the past after it was closed"))
    live.close()
    live.begin()
    live.close()
