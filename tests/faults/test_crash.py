"""kill -9 at every boundary between an order and its fill: none lost, none doubled."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from desk.orders import Fill, OrderState
from desk.store.engine import Store
from desk.store.tables import ledger, outbox
from desk.trading.desk_book import TradingDesk
from tests.desk.trading.desks import SEEDS, OutsideBroker, open_desk
from tests.desk.trading.fake_feed import AAPL
from tests.faults.crashing_desk import BOUNDARIES, run_until_killed
from tests.sizes import FULL_FAULTS

FOLDERS = 40 if FULL_FAULTS else 6

pytestmark = pytest.mark.fault


def crash(folder: Path, boundary: str, nth: int, tag: str) -> int:
    """Runs the desk in a forked child; returns how it ended (minus the signal, or its exit code)."""
    child = os.fork()
    if child == 0:
        code = 3
        try:
            run_until_killed(folder, boundary, nth, tag)
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("run", range(FOLDERS))
def test_one_fill_for_every_durable_order(tmp_path: Path, run: int) -> None:
    dice = random.Random(run)
    Store.in_folder(tmp_path).close()
    for n, boundary in enumerate(dice.sample(BOUNDARIES, len(BOUNDARIES))):
        ended = crash(tmp_path, boundary, dice.randint(1, 3), f"r{n}")
        assert ended == -signal.SIGKILL, f"{boundary}: the desk ended with {ended}"
        if n % 2:  # every other crash meets a desk that is itself recovering
            check_recovered(tmp_path)
    check_recovered(tmp_path)


def check_recovered(folder: Path) -> None:
    desk = open_desk(folder, outside=True)
    while desk.execute_waiting():
        pass
    assert desk.journal.wait_durable(desk.accounts.seq, 10)
    notes = folder / "acknowledged"
    durable = set(notes.read_text().split()) if notes.exists() else set()
    orders = {status.order.client_id: status for status in desk.orders()}
    assert durable <= set(orders), "a durable order was lost"
    check_fills(desk, folder)
    bought = sum((status.order.quantity for status in orders.values()), Decimal(0))
    seeded = SEEDS[0].holdings[AAPL].quantity
    assert [(p.instrument, p.quantity) for p in desk.positions()] == [(AAPL, seeded + bought)]
    check_ledger(desk)
    desk.close()


def check_fills(desk: TradingDesk, folder: Path) -> None:
    journaled = Counter(
        str(record.body["client_id"]) for record in desk.journal.replay() if record.kind == "order.filled"
    )
    broker = desk.broker
    assert isinstance(broker, OutsideBroker)
    at_venue = broker.book()
    for status in desk.orders():
        id = status.order.client_id
        assert (status.state, status.filled) == (OrderState.FILLED, status.order.quantity), id
        assert journaled[id] == len(status.fills) == 1, f"{id} has {journaled[id]} fills"
        if desk.accounts.order(id).route == "broker":
            assert as_the_venue_said(status.fills[0]) == at_venue.pop(id)
    assert not at_venue, "the venue filled an order that the desk does not know"


def as_the_venue_said(fill: Fill) -> Fill:
    """The fill without what the desk adds on booking it: the tick and the currency it was priced in."""
    assert (fill.tick, fill.priced_in) == (Decimal("0.01"), "USD")
    return replace(fill, tick=None, priced_in="")


def check_ledger(desk: TradingDesk) -> None:
    store = desk.execution.outbox._store
    with store.read() as connection:
        leaves = list(connection.execute(select(ledger.c.journal_seq).order_by(ledger.c.seq)).scalars())
        states = set(connection.execute(select(outbox.c.state)).scalars())
    assert leaves == list(range(1, desk.journal.last_seq + 1))
    assert states <= {"done"}
    assert desk.recorder._ledger.verify()["ok"]
