"""The bundled history as a market feed that stands on its last day: no clock file, nothing moves."""

from __future__ import annotations

from pathlib import Path

from desk.clock import FrozenClock
from desk.market.history import History
from desk.market.replay import ReplayFeed
from tests.desk.trading.fake_feed import START


def history_feed(folder: Path, history: History | None = None) -> ReplayFeed:
    return ReplayFeed(folder / "clock.json", FrozenClock(START), history=history)
