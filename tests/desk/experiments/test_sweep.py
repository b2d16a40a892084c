from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from desk.errors import DataError, InputError, NotFound
from desk.experiments.closes import Closes
from desk.experiments.hands import run_sweep
from desk.experiments.records import count_trials, look_ahead
from desk.experiments.sweep import PART, Plan, closes_of_years, make_plan, open_plan, run_part
from desk.forecast.registry import Registry
from desk.market.history import History
from tests.valkey import Valkey

INSTRUMENTS = History().instruments
CLOSES = Closes(
    INSTRUMENTS.get("XNAS:AAPL"),
    [date(2010, 1, 1) + timedelta(n) for n in range(1500)],
    np.asarray(100 * np.exp(np.cumsum(np.random.default_rng(1).normal(0.0003, 0.01, 1500)))),
    900,
)
ARMS = ["momentum", "mean_reversion", "buy_and_hold", "sentiment"]


def plan_in(folder: Path) -> Plan:
    other = replace(CLOSES, instrument=INSTRUMENTS.get("XNYS:KO"), values=CLOSES.values[::-1].copy())
    return make_plan(folder, [CLOSES, other], ARMS, [500, 900], [1.0, 3.0])


def test_a_sweep_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    plan = plan_in(tmp_path / "sweeps" / "a")
    assert len(plan.jobs) == 32
    assert plan.missing() == list(range(-(-32 // PART)))
    run_part(plan, 2, INSTRUMENTS, Registry())
    kept = (tmp_path / "sweeps" / "a" / "parts" / "00002.json").stat().st_mtime_ns
    again = open_plan(tmp_path / "sweeps" / "a")
    assert again == plan
    for part in (2, *again.missing()):
        run_part(again, part, INSTRUMENTS, Registry())
    rows = again.rows()
    assert (tmp_path / "sweeps" / "a" / "parts" / "00002.json").stat().st_mtime_ns == kept
    assert [(row["instrument"], row["arm"], row["days"], row["costs"]) for row in rows] == [
        tuple(job) for job in plan.jobs
    ]
    failed = [row for row in rows if "failed" in row]
    assert {row["arm"] for row in failed} == {"sentiment"}
    assert "no news feed was given" in str(failed[0]["failed"])
    cheap, dear = (next(r for r in rows if r["arm"] == "mean_reversion" and r["costs"] == c) for c in (1.0, 3.0))
    assert float(str(dear["yearly"])) < float(str(cheap["yearly"]))
    assert count_trials(tmp_path / "sweeps", "XNAS:AAPL") == 16


def test_workers_in_processes_of_their_own_do_the_parts(tmp_path: Path) -> None:
    plan, told = plan_in(tmp_path / "sweeps" / "b"), list[tuple[int, int]]()
    rows = run_sweep(plan, "", 2, lambda *at: told.append(at))
    assert len(rows) == 32
    assert told[-1] == (plan.parts, plan.parts)
    assert run_sweep(plan, "", 2) == rows


@pytest.mark.service
def test_workers_take_tasks_from_a_redis_server(tmp_path: Path) -> None:
    server = Valkey(tmp_path / "queue")
    try:
        assert len(run_sweep(plan_in(tmp_path / "sweeps" / "c"), server.url, 1)) == 32
    finally:
        server.kill()


def test_plans_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'crystal' is not known"):
        make_plan(tmp_path / "x", [CLOSES], ["crystal"], [500], [1.0])
    with pytest.raises(InputError, match="901 days of XNAS:AAPL is not between 252 and 900"):
        make_plan(tmp_path / "x", [CLOSES], ARMS, [901], [1.0])
    with pytest.raises(InputError, match="below zero"):
        make_plan(tmp_path / "x", [CLOSES], ARMS, [500], [-1.0])
    with pytest.raises(InputError, match="sweep of 0 backtests"):
        make_plan(tmp_path / "x", [CLOSES], [], [500], [1.0])
    with pytest.raises(InputError, match="--workers 65"):
        run_sweep(plan_in(tmp_path / "y"), "", 65)
    with pytest.raises(NotFound, match="there is no sweep none"):
        open_plan(tmp_path / "none")


def test_closes_that_were_changed_after_the_plan_are_refused(tmp_path: Path) -> None:
    plan = plan_in(tmp_path / "a")
    path = plan.folder / "XNAS.AAPL.npz"
    with np.load(path) as file:
        parts = {name: file[name] for name in file.files}
    np.savez(path, **{**parts, "values": parts["values"] * 1.01})
    with pytest.raises(DataError, match="are not those its plan was made on"):
        open_plan(plan.folder)
    (plan.folder / "plan.json").write_text(json.dumps({"jobs": 1}))
    with pytest.raises(DataError, match="is damaged"):
        open_plan(plan.folder)


def test_the_outlook_covers_what_it_says() -> None:
    told = look_ahead(CLOSES)
    for name in ("return", "volatility"):
        part = told[name]
        assert isinstance(part, dict)
        assert part["low"] < part["high"]
        assert 0.85 < part["covered"] < 0.95
    assert closes_of_years(CLOSES, 1) == 365
