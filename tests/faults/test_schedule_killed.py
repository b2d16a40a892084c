"""kill -9 in the middle of a schedule, again and again: no child doubled, none lost, the quantity exact."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from desk.orders import OrderState
from desk.store.engine import Store
from desk.trading.schedule import State
from desk.trading.slicing import Kind
from tests.desk.trading.desks import SEEDS, OutsideBroker
from tests.desk.trading.fake_feed import AAPL, START
from tests.faults.crashing_schedule import BOUNDARIES, LOTS, run_to_the_end, run_until_killed
from tests.sizes import FULL_FAULTS

FOLDERS = 24 if FULL_FAULTS else 4

pytestmark = pytest.mark.fault


def crash(folder: Path, kind: Kind, boundary: str, nth: int) -> int:
    """Works the schedule in a forked child; returns how it ended (minus the signal, or its exit code)."""
    child = os.fork()
    if child == 0:
        code = 3
        try:
            run_until_killed(folder, kind, clock(folder), boundary, nth)
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def clock(folder: Path) -> datetime:
    """Where the market clock stood: a little behind the kill, as a replay's is."""
    kept = folder / "clock"
    return datetime.fromisoformat(kept.read_text()) if kept.exists() and kept.read_text() else START


@pytest.mark.parametrize("run", range(FOLDERS))
def test_a_killed_schedule_ends_exact(tmp_path: Path, run: int) -> None:
    dice, kind = random.Random(run), list(Kind)[run % len(Kind)]
    Store.in_folder(tmp_path).close()
    kills = 0
    for boundary in dice.sample(BOUNDARIES, len(BOUNDARIES)):
        ended = crash(tmp_path, kind, boundary, dice.randint(1, 2))
        assert ended in (-signal.SIGKILL, 0), f"{boundary}: the desk ended with {ended}"
        kills += ended == -signal.SIGKILL
    assert kills >= 4, "most boundaries must be met before the schedule is over"
    desk, schedule = run_to_the_end(tmp_path, kind, clock(tmp_path))
    assert schedule.state is State.DONE, schedule.reason
    assert desk.filled(schedule) == LOTS, schedule.reason
    broker = desk.trading.broker
    assert isinstance(broker, OutsideBroker)
    at_venue = broker.book()  # asserts that the venue placed every client id once
    assert sum(fill.quantity for fill in at_venue.values()) == LOTS
    known = {child.client_id: child for child in schedule.children}
    assert set(at_venue) <= set(known)
    for id, child in known.items():
        assert child.outcome == ("sent" if id in at_venue else "void"), id
    assert all(s.state is OrderState.FILLED for s in desk.trading.orders())
    journaled = Counter(
        str(record.body["client_id"]) for record in desk.trading.journal.replay() if record.kind == "order.filled"
    )
    assert journaled == Counter(list(at_venue))
    assert [(p.instrument, p.quantity) for p in desk.trading.positions()] == [
        (AAPL, SEEDS[0].holdings[AAPL].quantity + LOTS)
    ]
    desk.close()
