"""The suites `pump` and `surveillance`: what is planted, what is found, on shipped data and on outside minutes."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from desk.errors import InputError
from desk.fraud.abuse.intake import read_market
from desk.fraud.abuse.limits import DAY
from desk.fraud.abuse.pump import find_pumps
from desk.fraud.abuse.records import Bars
from desk.settings import Settings
from evals.abuse.pumps import plant_pumps
from evals.abuse.sessions import PLANTED, build_session
from evals.run import run_suite
from evals.suites import pump
from tests.evals.test_fraud_suite import given

DATA = Path(os.environ.get("TENOR_TEST_DATA", "../shared/data")).resolve()


def write(path, *cases):
    path.write_text("".join(json.dumps(case) + "\n" for case in cases))
    return path


def flat(n=1_200):
    close = 100 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.02, n)))
    return Bars("X", np.arange(n) * DAY, close, close, close, np.full(n, np.nan))


def test_plants_rise_and_fall_and_twins_stay():
    world = plant_pumps(flat(), 7, 6, "all")
    close, was = np.log(world.bars.close), np.log(flat().close)
    made = close - was
    for one in world.pumps:
        assert made[one.end] - made[one.base] < 0.5 * (made[one.peak] - made[one.base])
    for one in world.twins:
        assert made[one.end] - made[one.base] > 0.8 * (made[one.peak] - made[one.base])
    assert len(world.pumps) == len(world.twins) == 6
    assert world.around.posts
    again = plant_pumps(flat(), 7, 6, "all")
    assert np.array_equal(again.bars.close, world.bars.close)


async def test_a_few_pump_cases_are_scored_and_bad_ones_named(tmp_path):
    cases = [
        {"id": f"{known}", "instrument": "XNYS:GE", "seed": 41, "known": known, "pumps": 10} for known in pump.KNOWN
    ]
    result = await run_suite("pump", Settings(), write(tmp_path / "p.jsonl", *cases))
    measured = given(result)
    assert result.cases == 3
    assert measured["recall"] >= 0.8
    assert measured["false_per_asset_year"] <= 1
    assert measured["pumps"] == 30
    assert 0 < measured["delay"] < 10
    bad = write(tmp_path / "b.jsonl", {"id": "x", "instrument": "X", "seed": 1, "hours": ["25:00"]})
    with pytest.raises(InputError, match="not like 17:00"):
        await run_suite("pump", Settings(), bad)


def test_a_week_has_every_kind_and_its_twins():
    session = build_session(11, plants=1)
    assert set(Counter(kind for kind, _ in session.plants)) == set(PLANTED)
    accounts = {name for _, names in session.plants for name in names}
    assert not accounts & {name for twin in session.twins for name in twin}


async def test_surveillance_of_one_week_and_one_set_of_companies(tmp_path):
    cases = [{"id": world, "seed": 50, "world": world} for world in ("session", "companies")]
    result = await run_suite("surveillance", Settings(), write(tmp_path / "s.jsonl", *cases))
    measured = given(result)
    assert measured["precision"] >= 0.85
    assert measured["recall"] >= 0.85
    assert measured["twins_flagged"] <= 0.1


TICKS, EVENTS = DATA / "ticks", DATA / "pump_and_dump" / "pump_telegram.csv"


@pytest.mark.skipif(not (TICKS.is_dir() and EVENTS.is_file()), reason="the outside data are not there")
@pytest.mark.parametrize("file", ["btc-perp-20211231-20220201_1m.csv.gz", "gbpusd-m1-bid-2012.csv.gz"])
async def test_pumps_at_the_hours_of_real_ones_are_found_in_real_minutes(tmp_path, file):
    with EVENTS.open() as stream:
        hours = sorted({row["hour"][:5] for row in csv.DictReader(stream)})
    cases = [
        {"id": f"{known}-{seed}", "instrument": "X", "seed": seed, "known": known, "pumps": 10,
         "file": str(TICKS / file), "hours": hours}
        for seed in (610, 611) for known in pump.KNOWN
    ]  # fmt: skip
    result = await run_suite("pump", Settings(), write(tmp_path / "m.jsonl", *cases))
    measured = given(result)
    assert measured["recall"] >= 0.9
    assert measured["precision"] >= 0.95  # half an asset-year cannot bound one false alert in a year
    (bars,) = read_market(TICKS / file).bars
    assert find_pumps(bars) == []
