from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from desk.bus.local import LocalBus
from desk.clock import FrozenClock
from desk.errors import BrokerError, Conflict, Forbidden, Halted, NotFound
from desk.ledger.log import Ledger
from desk.money import Money
from desk.orders import Chosen, Order, OrderState, OrderType, Side, TimeInForce
from desk.store.engine import Store
from desk.store.keys import SubjectKeys
from desk.store.tables import ledger, outbox
from desk.trading.desk_book import TradingDesk
from desk.trading.halt import HaltSwitch
from desk.trading.services import Services
from tests.desk.trading.desks import SEEDS, OutsideBroker, open_desk
from tests.desk.trading.fake_feed import AAPL, SAP, START, FakeFeed
from tests.desk.trading.test_gateway import buy, sell


def wait_until(found: Callable[[], bool], seconds: float) -> bool:
    ends = time.monotonic() + seconds
    while not found() and time.monotonic() < ends:
        time.sleep(0.02)
    return found()


def settle(desk: TradingDesk) -> None:
    """Waits until everything written so far is on disk and recorded."""
    assert desk.journal.wait_durable(desk.accounts.seq, 10)


def facts(desk: TradingDesk) -> tuple[object, ...]:
    return (desk.positions(), desk.cash(), desk.orders(), desk.accounts.account("desk").reserved)


def test_a_fill_reaches_position_ledger_and_bus(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    decision = desk.gate.submit(buy(50))
    assert desk.wait_durable("o-1")
    settle(desk)
    assert decision.status == desk.status("o-1")
    assert [(p.account, p.quantity) for p in desk.positions()] == [("desk", Decimal(150))]
    with desk.execution.outbox._store.read() as connection:
        kinds = list(connection.execute(select(ledger.c.kind).order_by(ledger.c.seq)).scalars())
        assert connection.execute(select(outbox)).all() == []
    assert kinds == ["account.seeded", "account.seeded", "order.accepted", "order.filled"]
    assert desk.valuation.value("desk").minor == 5_000_000_00 + 150 * 180_01 - 50 * 180_02 - 90 - 1
    assert desk.valuation.value("eva") == Money(50_000_00, "EUR")
    assert desk.valuation.exposure("desk") == Money(150 * 180_01, "USD")
    assert desk.valuation.exposure("eva") == Money(0, "EUR")
    desk.close()


def test_a_restart_changes_nothing(tmp_path: Path) -> None:
    feed = FakeFeed()
    desk = open_desk(tmp_path, feed)
    desk.gate.submit(buy(50))
    desk.gate.submit(sell(20, id="o-2"))
    desk.gate.submit(buy(10, id="o-3", type=OrderType.LIMIT, limit_ticks=17_500, time_in_force=TimeInForce.GTC))
    desk.gate.submit(buy(10, id="o-4", instrument=SAP, account="eva", chosen=Chosen.AGENT))
    before = facts(desk)
    desk.close()
    again = open_desk(tmp_path, feed)
    assert facts(again) == before
    assert again.venue.open_orders() == ["o-3"]
    assert again.recover() == 0
    feed.move(AAPL, 17_400, 17_410)
    assert again.poll() > 0
    assert again.status("o-3").state is OrderState.FILLED
    assert again.poll() == 0
    again.close()


def test_a_day_order_of_yesterday_does_not_come_back(tmp_path: Path) -> None:
    feed = FakeFeed()
    desk = open_desk(tmp_path, feed)
    desk.gate.submit(buy(10, type=OrderType.LIMIT, limit_ticks=17_500))
    desk.close()
    feed.at += timedelta(days=1)
    again = open_desk(tmp_path, feed)
    assert again.status("o-1").state is OrderState.CANCELLED
    again.close()


def test_the_broker_route_goes_through_the_outbox_once(tmp_path: Path) -> None:
    waiting: list[str] = []
    desk = open_desk(tmp_path, outside=True, dispatch=waiting.append)
    decision = desk.gate.submit(buy(50), route="broker")
    assert decision.status is not None
    assert decision.status.state is OrderState.ACCEPTED
    settle(desk)
    assert waiting == ["o-1"]
    assert desk.execute("o-1") == "done"
    assert desk.execute("o-1") == "done"
    assert desk.status("o-1").state is OrderState.FILLED
    assert desk.broker.calls == 1  # type: ignore[attr-defined]
    assert desk.execute_waiting() == 0
    with pytest.raises(NotFound):
        desk.execute("o-2")
    desk.close()


def test_a_broker_that_is_away_is_tried_five_times_then_reviewed(tmp_path: Path) -> None:
    desk = open_desk(tmp_path, outside=True)
    broker = desk.broker
    assert isinstance(broker, OutsideBroker)
    broker.fail = BrokerError("the line is down", retry=True)
    desk.gate.submit(buy(50), route="broker")
    settle(desk)
    assert [desk.execute("o-1") for _ in range(6)] == ["waiting"] * 4 + ["review"] * 2
    assert broker.calls == 5
    assert desk.cancel("o-1").state is OrderState.CANCELLED
    broker.fail = BrokerError("unknown symbol", retry=False)
    desk.gate.submit(buy(50, id="o-2"), route="broker")
    settle(desk)
    assert desk.execute("o-2") == "done"
    assert desk.status("o-2").state is OrderState.REJECTED
    assert desk.status("o-2").reason == "unknown symbol"
    desk.close()


def test_cancelling(tmp_path: Path) -> None:
    desk = open_desk(tmp_path, outside=True)
    desk.gate.submit(buy(10, type=OrderType.LIMIT, limit_ticks=17_500))
    assert desk.cancel("o-1").state is OrderState.CANCELLED
    assert desk.cancel("o-1").reason == "cancelled on request"
    desk.gate.submit(buy(10, id="o-2"), route="broker")
    settle(desk)
    assert desk.cancel("o-2").reason == "cancelled before it was sent"
    assert desk.execute("o-2") == "done"
    assert desk.broker.calls == 0  # type: ignore[attr-defined]
    with pytest.raises(NotFound):
        desk.cancel("o-3")
    desk.close()


def test_a_halt_stops_new_orders_and_cancels_open_ones_through_a_restart(tmp_path: Path) -> None:
    desk = open_desk(tmp_path, outside=True)
    desk.gate.submit(buy(10), route="broker")
    desk.gate.submit(buy(10, id="rests", type=OrderType.LIMIT, limit_ticks=17_000))
    settle(desk)
    desk.halt("tess", "runaway bot")
    assert [desk.status(id).state for id in ("o-1", "rests")] == [OrderState.CANCELLED] * 2
    assert desk.status("rests").reason == "the desk was halted"
    with pytest.raises(Halted, match="runaway bot"):
        desk.gate.submit(buy(10, id="o-2"))
    assert desk.gate.check(buy(10, id="o-2")).refusal is not None
    assert desk.execute("o-1") == "done"
    assert desk.gate.submit(buy(10), route="broker").repeated
    desk.halt("carl", "me too")
    desk.close()
    again = open_desk(tmp_path, outside=True)
    with pytest.raises(Halted):
        again.gate.submit(buy(10, id="o-2"))
    again.resume("tess")
    assert not again.resume("carl").halted
    assert again.broker.calls == 0  # type: ignore[attr-defined]
    assert again.gate.submit(buy(10, id="o-2")).ok
    settle(again)
    told = [record.body for record in again.journal.replay() if record.kind == "desk.halted"]
    assert [body["by"] for body in told] == ["tess", "carl", "tess"]
    again.close()


def test_a_halt_written_by_another_process_takes_hold_here(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    desk.gate.submit(buy(10, id="rests", type=OrderType.LIMIT, limit_ticks=17_000))
    other = HaltSwitch(tmp_path, LocalBus(), FrozenClock(START))
    other.halt("tess", "from outside")
    with pytest.raises(Halted, match="from outside"):
        desk.gate.submit(buy(10, id="o-2"))
    assert wait_until(lambda: desk.status("rests").state is OrderState.CANCELLED, 20)
    settle(desk)
    told = [record.body for record in desk.journal.replay() if record.kind == "desk.halted"]
    assert told == [{"by": "tess", "reason": "from outside"}]
    desk.close()


def test_orders_open_at_a_crash_are_cancelled_by_a_start_that_finds_the_desk_halted(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    desk.gate.submit(buy(10, id="rests", type=OrderType.LIMIT, limit_ticks=17_000))
    desk.gate.submit(buy(10, id="unsent"), route="broker")
    desk.close()
    HaltSwitch(tmp_path, LocalBus(), FrozenClock(START)).halt("tess", "while down")
    again = open_desk(tmp_path)
    assert [again.status(id).state for id in ("rests", "unsent")] == [OrderState.CANCELLED] * 2
    assert not again.venue.open_orders()
    again.close()


def test_a_venue_refuses_an_order_without_the_gates_token(tmp_path: Path) -> None:
    desk = open_desk(tmp_path, outside=True)
    desk.gate.submit(buy(10), route="broker")
    token = desk.accounts.order("o-1").token
    for venue in (desk.venue, desk.broker):
        for order, shown in [(buy(10), ""), (buy(11), token), (buy(10, id="o-9"), token), (buy(10), token + "0")]:
            with pytest.raises(Forbidden):
                venue.place(order, shown)
    later = TradingDesk(tmp_path / "b", services(tmp_path / "b", START + timedelta(hours=2)))
    with pytest.raises(Forbidden):
        later.venue.place(buy(10), token)
    later.close()
    desk.close()


def services(folder: Path, at: object = START, subjects: SubjectKeys | None = None) -> Services:
    folder.mkdir(exist_ok=True)
    store = Store.in_folder(folder)
    return Services(store, Ledger(store, bytes(32)), FakeFeed(), LocalBus(), FrozenClock(at), subjects)  # type: ignore[arg-type]


def test_a_token_that_lapsed_in_a_crash_is_not_traded_late(tmp_path: Path) -> None:
    desk = open_desk(tmp_path, outside=True)
    desk.gate.submit(buy(10), route="broker")
    settle(desk)
    desk.close()
    late = Services(
        Store.in_folder(tmp_path), Ledger(Store.in_folder(tmp_path), bytes(32)), FakeFeed(), LocalBus(),
        FrozenClock(START + timedelta(hours=2)),
    )  # fmt: skip
    again = TradingDesk(tmp_path, late)
    again.recover()
    assert again.execute("o-1") == "done"
    assert again.status("o-1").state is OrderState.REJECTED
    assert "lapsed" in again.status("o-1").reason
    again.close()


def test_the_person_is_sealed_in_the_ledger(tmp_path: Path) -> None:
    desk = TradingDesk(tmp_path, services(tmp_path, subjects=SubjectKeys(bytes(32))))
    desk.recover()
    desk.seed(SEEDS)
    desk.gate.submit(Order("o-1", "desk", AAPL, Side.BUY, Decimal(5), by="tess.canary"), route="broker")
    settle(desk)
    with desk.execution.outbox._store.read() as connection:
        envelopes = "".join(connection.execute(select(ledger.c.envelope)).scalars())
    assert "tess.canary" not in envelopes
    assert '"payload":"' in envelopes
    assert desk.execute("o-1") == "done"
    assert desk.status("o-1").state is OrderState.FILLED
    desk.close()


def test_a_resting_order_that_meets_another_fills_both(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    desk.gate.submit(sell(10, type=OrderType.LIMIT, limit_ticks=18_001, time_in_force=TimeInForce.GTC))
    assert desk.status("o-1").state is OrderState.WORKING
    desk.gate.submit(buy(10, id="o-2", account="eva"))
    assert desk.status("o-1").state is OrderState.FILLED
    assert desk.status("o-2").average_price == Decimal("180.01")
    with pytest.raises(Conflict):
        desk.gate.submit(buy(11, id="o-2", account="eva"))
    desk.close()


def test_many_threads_are_one_queue(tmp_path: Path) -> None:
    desk = open_desk(tmp_path, outside=True)

    def work(start: int) -> None:
        for n in range(60):
            order = buy(1, id=f"o-{(start + n) % 60}")
            desk.gate.submit(order, route="broker" if (start + n) % 4 == 0 else "venue")
            if n % 10 == 0:
                desk.execute_waiting()
                desk.poll()

    threads = [threading.Thread(target=work, args=(17 * n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settle(desk)
    desk.execute_waiting()
    settle(desk)
    assert desk.broker.calls == 15  # type: ignore[attr-defined]
    assert {status.state for status in desk.orders()} == {OrderState.FILLED}
    assert [position.quantity for position in desk.positions()] == [Decimal(160)]
    desk.close()


def test_an_order_that_a_worker_gave_up_is_taken_up_after_a_minute(tmp_path: Path) -> None:
    desk = open_desk(tmp_path, outside=True)
    broker, clock = desk.broker, desk.execution.outbox._wall
    assert isinstance(broker, OutsideBroker)
    assert isinstance(clock, FrozenClock)
    desk.gate.submit(buy(50), route="broker")
    settle(desk)
    broker.fail = KeyboardInterrupt()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        desk.execute("o-1")
    broker.fail = None
    assert desk.execute("o-1") == "sent"
    assert desk.execute_waiting() == 0
    clock.advance(timedelta(minutes=1))
    assert desk.execute_waiting() == 1
    assert desk.status("o-1").state is OrderState.FILLED
    desk.close()
