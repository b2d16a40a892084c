"""The courier and its outbox: each step once, whoever dies in between."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import update

from desk.bus.bus import EXECUTIONS, Event
from desk.clock import FrozenClock
from desk.errors import BrokerError, NotFound
from desk.orders import Order, OrderState, Side
from desk.store.tables import outbox
from desk.trading.courier import Courier, dump_placement, load_placement
from desk.trading.desk_book import TradingDesk
from desk.trading.outbox import Outbox, is_gone, name_process
from tests.desk.trading.desks import OutsideBroker, open_desk
from tests.desk.trading.fake_feed import AAPL


def buy(id: str = "o-1", quantity: int = 10) -> Order:
    return Order(id, "desk", AAPL, Side.BUY, Decimal(quantity), by="tess")


def sent(desk: TradingDesk, *ids: str) -> None:
    for id in ids:
        desk.gate.submit(buy(id), route="broker")
    assert desk.journal.wait_durable(desk.accounts.seq, 10)


def courier(desk: TradingDesk, **more) -> Courier:
    box = desk.execution.outbox
    return Courier(box._store, desk.broker, box._wall, desk.switch.reason, **more)


@pytest.fixture
def desk(tmp_path: Path):
    made = open_desk(tmp_path, outside=True)
    yield made
    made.close()


def test_what_a_worker_elsewhere_placed_is_booked_once_by_the_holder(desk) -> None:
    sent(desk, "o-1")
    elsewhere = courier(desk)
    assert elsewhere.serves("o-1")
    assert elsewhere.deliver("o-1") == "placed"
    assert elsewhere.deliver("o-1") == "placed"
    assert desk.status("o-1").state is OrderState.ACCEPTED, "only the holder touches the accounts"
    assert desk.execution.collect("o-1") == "done"
    assert desk.execution.collect("o-1") == "done"
    assert desk.status("o-1").state is OrderState.FILLED
    assert desk.broker.calls == 1
    row = desk.execution.row("o-1")
    assert (row.canonical, row.token, row.placement) == ("", "", ""), "a finished row keeps no order"
    assert not elsewhere.serves("o-1")
    assert desk.execution.collect_all() == 0
    with pytest.raises(NotFound):
        elsewhere.deliver("o-2")
    with pytest.raises(NotFound):
        desk.execution.collect("o-2")


def test_the_bus_hears_each_step(desk) -> None:
    heard: list[Event] = []
    desk.execution._bus.listen(EXECUTIONS, heard.append)
    desk.broker.fail = BrokerError("the line is down", retry=True)
    sent(desk, "o-1")
    desk.execute("o-1")
    desk.broker.fail = None
    desk.execute("o-1")
    said = [(e.body["state"], e.body["attempts"], e.body["account"], e.body["error"]) for e in heard]
    assert said == [
        ("sent", 1, "desk", ""),
        ("waiting", 1, "desk", "the line is down"),
        ("sent", 2, "desk", "the line is down"),
        ("placed", 2, "desk", ""),
        ("done", 2, "desk", ""),
    ]


def test_the_broker_hears_that_somebody_tried_an_order_before(desk) -> None:
    tried: list[str] = []
    sent(desk, "o-1")
    heedful = courier(desk, again=lambda order: tried.append(order.client_id))
    desk.broker.fail = BrokerError("the line is down", retry=True)
    assert heedful.deliver("o-1") == "waiting"
    assert tried == [], "the first try is nobody's second"
    desk.broker.fail = None
    assert heedful.deliver("o-1") == "placed"
    assert tried == ["o-1"]


def test_an_order_in_review_can_be_tried_again(desk) -> None:
    desk.broker.fail = BrokerError("the line is down", retry=True)
    sent(desk, "o-1")
    assert [desk.execute("o-1") for _ in range(5)][-1] == "review"
    assert desk.execute("o-1") == "review"
    assert not desk.execution.retry("o-2")
    desk.broker.fail = None
    assert desk.execution.retry("o-1")
    assert not desk.execution.retry("o-1")
    assert desk.execute("o-1") == "done"
    assert desk.status("o-1").filled == 10


def test_a_halt_keeps_workers_from_sending(desk, tmp_path: Path) -> None:
    sent(desk, "o-1")
    stopped = Courier(desk.execution.outbox._store, desk.broker, desk.execution.outbox._wall, lambda: "halted")
    assert stopped.deliver("o-1") == "waiting"
    assert desk.broker.calls == 0


def test_an_order_that_this_version_cannot_read_waits_and_then_asks_a_person(desk) -> None:
    sent(desk, "o-1")
    with desk.execution.outbox._store.begin() as connection:
        connection.execute(update(outbox).values(canonical='{"client_id":"o-1","new":true}'))
    here = courier(desk)
    assert [here.deliver("o-1") for _ in range(5)] == ["waiting"] * 4 + ["review"]
    assert "run the version that wrote it" in desk.execution.row("o-1").error
    assert desk.broker.calls == 0


def test_rows_of_an_older_version_are_completed_at_the_start(desk, tmp_path: Path) -> None:
    sent(desk, "o-1")
    with desk.execution.outbox._store.begin() as connection:
        connection.execute(update(outbox).values(canonical="", token=""))
    desk.execution.reset()
    assert desk.execute("o-1") == "done"
    assert desk.status("o-1").state is OrderState.FILLED


def test_a_row_of_a_dead_worker_is_taken_up_at_once_and_of_a_living_one_after_a_minute(desk) -> None:
    sent(desk, "o-1")
    box, clock = desk.execution.outbox, desk.execution.outbox._wall
    assert isinstance(clock, FrozenClock)
    assert box.claim(box.row("o-1"))
    assert courier(desk).deliver("o-1") == "sent"
    row = box.row("o-1")
    assert not box.given_up(row)
    assert not box.claim(replace(row, attempts=0)), "a claim names the attempt it follows"
    assert box.given_up(replace(row, worker=dead_worker()))
    clock.advance(timedelta(minutes=1))
    assert courier(desk).deliver("o-1") == "placed"


def dead_worker() -> str:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return f"{socket.gethostname()[:64]}/{ended.pid}/1"


def test_who_is_gone() -> None:
    here = name_process()
    assert not is_gone(here)
    host, pid, began = here.split("/")
    assert is_gone(f"{host}/{pid}/{int(began) + 1}"), "another process with the number of a dead one"
    assert is_gone(dead_worker())
    assert not is_gone("another-machine/1/1")
    assert not is_gone("")
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert is_gone(f"{host}/{child}/1"), "a zombie does nothing more"
    os.waitpid(child, 0)


def test_two_processes_never_claim_the_same_row(desk) -> None:
    sent(desk, "o-1")
    one, two = (Outbox(desk.execution.outbox._store, desk.execution.outbox._wall) for _ in range(2))
    row = one.row("o-1")
    assert row is not None
    assert [one.claim(row), two.claim(row)] == [True, False]


def test_a_placement_survives_its_journey(desk) -> None:
    sent(desk, "o-1")
    assert isinstance(desk.broker, OutsideBroker)
    placement = desk.broker.place(buy(), desk.accounts.order("o-1").token)._replace(reason="as asked", triggered=True)
    assert load_placement(dump_placement(placement)) == placement
