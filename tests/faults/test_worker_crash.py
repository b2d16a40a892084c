"""kill -9 at the boundaries between a proposal and its fill, with a real queue and worker processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.crash.boundaries import BOUNDARIES
from bench.crash.run import CHANCE, MOST, ORDERS, run_boundary
from tests.sizes import FULL_FAULTS
from tests.valkey import find_binary

pytestmark = [pytest.mark.fault, pytest.mark.service]
SHORT = ("approval", "outbox", "venue call", "ack")


@pytest.mark.parametrize("boundary", BOUNDARIES if FULL_FAULTS else SHORT)
def test_every_order_is_filled_once(tmp_path: Path, boundary: str) -> None:
    orders, chance, most = (ORDERS, CHANCE, MOST) if FULL_FAULTS else (30, 0.2, 2)
    outcome = run_boundary(tmp_path, find_binary(), boundary, orders, chance, most)
    assert outcome.kills > 0, "nobody died: nothing was shown"
    assert (outcome.lost, outcome.doubled, outcome.wrong) == (0, 0, ())
