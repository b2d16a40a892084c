"""Schedules of every kind on a clock that the test moves, from start to end and off the straight way."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from desk.trading.schedule import State
from desk.trading.schedule_report import report_of
from desk.trading.slicing import Kind
from tests.desk.trading.fake_feed import AAPL, START
from tests.desk.trading.schedule_desk import HOUR, ScheduleDesk, terms


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ScheduleDesk]:
    made = ScheduleDesk(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_runs_to_its_end(bench, kind):
    schedule = bench.schedules.start("s1", terms(kind=kind), "tom")
    bench.run(START + HOUR)
    assert (schedule.state, bench.filled(schedule)) == (State.DONE, 100), schedule.reason
    assert sum(child.lots for child in schedule.children) == 100
    report = report_of(schedule, bench.feed.instruments.get(AAPL), bench.feed.quote(AAPL))
    assert [report.filled, report.left, report.arrival] == [100, 0, Decimal("180.01")]
    assert report.cost == report.spread + report.drift + report.commission
