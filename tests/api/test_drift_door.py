"""Drift and the learned score at the doors: on files that look like what was taught, and on those that do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk.fraud.graph import Columns, moment_of
from evals.fraud.build import build_world
from evals.fraud.worlds import Plan
from tests.api.running import tenor
from tests.api.test_http import client, sign_in  # noqa: F401 - the fixture


def written(path: Path, c: Columns, rows: int | None = None) -> str:
    lines = ["source,target,amount,time"]
    for row in range(len(c))[:rows]:
        ends = c.accounts[c.source[row]], c.accounts[c.target[row]]
        lines.append(f"{ends[0]},{ends[1]},{c.minor[row] / 100},{moment_of(int(c.at[row])).isoformat()}")
    path.write_text("\n".join(lines))
    return str(path)


@pytest.fixture(scope="module")
def columns():
    return build_world(Plan(163, accounts=2_000, per_typology=4)).columns


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("drift") / "home"


def test_a_file_like_what_was_taught_has_not_drifted_and_the_score_is_used(tmp_path, home, columns):
    file = written(tmp_path / "t.csv", columns)
    told = tenor(home, "fraud", "drift", file).json
    assert (told["enough"], told["drifted"], told["shifted"]) == (True, False, [])
    assert max(told["features"].values()) < 0.25
    scanned = tenor(home, "fraud", "scan", "--learned", file).json
    assert scanned["learned"]["used"]
    assert all(0 <= alert["learned"] <= 1 for alert in scanned["alerts"])
    held = {name for alert in scanned["alerts"] for name in alert["accounts"]}
    assert not held & {lead["account"] for lead in scanned["learned"]["leads"]}


def test_a_file_unlike_it_has_drifted_by_name_and_the_score_is_not_used(tmp_path, home, columns):
    slower = written(tmp_path / "t.csv", columns, len(columns) // 3)
    told = tenor(home, "fraud", "drift", slower).json
    assert told["drifted"]
    assert told["features"][told["shifted"][0]] == max(told["features"].values()) > 0.25
    scanned = tenor(home, "fraud", "scan", "--learned", slower).json
    assert not scanned["learned"]["used"]
    assert told["shifted"][0] in scanned["learned"]["why_not"]
    assert scanned["learned"]["leads"] == []
    assert all(alert["learned"] is None for alert in scanned["alerts"])


def test_a_file_of_a_few_accounts_is_too_little(tmp_path, home, columns):
    told = tenor(home, "fraud", "drift", written(tmp_path / "t.csv", columns, 60)).json
    assert (told["enough"], told["drifted"], told["features"]) == (False, None, {})
    assert told["accounts"] < told["least"] == 200
    own = tenor(home, "--as", "compliance", "fraud", "drift").json
    assert (own["enough"], own["drifted"]) == (True, True)
    assert tenor(home, "--as", "trader", "fraud", "drift").exit != 0
    bad = tenor(home, "fraud", "drift", str(tmp_path / "none.csv"))
    assert bad.exit != 0


async def test_over_http_the_demonstration_has_drifted_and_its_alerts_have_no_learned_score(client, runtime):  # noqa: F811
    await sign_in(client, runtime, "compliance")
    drift = (await client.get("/v1/fraud/drift")).json()
    assert drift["enough"]
    assert drift["drifted"]
    learned = (await client.get("/v1/fraud/learned")).json()
    assert not learned["used"]
    assert "not as they were taught" in learned["why_not"]
    assert (learned["alerts"], learned["accounts"], learned["leads"]) == ({}, {}, [])


async def test_others_read_neither(client, runtime):  # noqa: F811
    await sign_in(client, runtime, "trader")
    for path in ("drift", "learned"):
        assert (await client.get(f"/v1/fraud/{path}")).status_code == 403
