"""`tenor evals`: killed and gone on with, held against a baseline, compared, all by the command's words."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Awaitable, Callable
from itertools import islice
from pathlib import Path

import pytest

from api.commands.dispatch import execute
from api.holder import Outcome
from evals.suites.smoke import FILE
from tests.forking import Forked

Tenor = Callable[..., Awaitable[Outcome]]


@pytest.fixture
def tenor(runtime, tmp_path) -> Tenor:
    """A command as a running desk executes it."""

    async def run(*argv: str) -> Outcome:
        return await execute(runtime, list(argv), str(tmp_path), "tester")

    return run


@pytest.fixture
def file(tmp_path):
    """The first shipped cases."""
    path = tmp_path / "own.jsonl"
    with FILE.open() as cases:
        path.write_text("".join(islice(cases, 12)))
    return path


def plain(outcome: Outcome) -> dict:
    """The one object, as a program reads it."""
    assert outcome.error is None, outcome.error
    found: dict = json.loads(json.dumps(outcome.result, default=str))
    return found


def kill_midway(home, file) -> None:
    """Starts a run in a process of its own and kills it after the third result."""
    words = ["evals", "run", "smoke", "--data", str(file), "--home", str(home)]
    with Path(os.devnull).open("w") as nowhere:
        process = Forked("api.cli", *words, stdout=nowhere, stderr=nowhere)
    ends = time.monotonic() + 60
    while sum(path.read_bytes().count(b"\n") for path in (home / "evals").glob("*.jsonl")) < 4:
        assert time.monotonic() < ends, "no case was done"
        assert process.poll() is None, "the run ended before it could be killed"
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


async def test_a_killed_run_goes_on_and_comes_to_the_same(desk, runtime, tenor, tmp_path, file):
    other = tmp_path / "killed"
    kill_midway(other, file)
    shutil.copytree(other / "evals", desk.folder / "evals")
    (path,) = (desk.folder / "evals").glob("*.jsonl")
    with desk.store.begin() as connection:  # the killed process's own row, in this desk's store
        row = {"id": path.stem, "at": "2026-01-01T00:00:00Z"}
        connection.exec_driver_sql("INSERT INTO eval_runs VALUES (:id, 'smoke', 'running', :at, '{}')", row)
    (stopped,) = plain(await tenor("evals", "runs"))["runs"]
    assert stopped["state"] == "stopped"
    assert 3 <= stopped["done"] < 12
    changed = await tenor("evals", "run", "smoke", "--data", str(file), "--resume", "--trials", "2")
    assert changed.exit == 1
    assert "not the same any more: the number of trials" in str(changed.error)
    resumed = plain(await tenor("evals", "run", "smoke", "--data", str(file), "--resume"))
    assert resumed["origin"]["run"] == stopped["id"]
    straight = plain(await tenor("evals", "run", "smoke", "--data", str(file)))
    verdicts = [[(c["id"], c["passed"], c["reason"]) for c in run["cases_detail"]] for run in (resumed, straight)]
    assert verdicts[0] == verdicts[1]
    compared = plain(await tenor("evals", "compare", resumed["origin"]["run"], straight["origin"]["run"]))
    assert (compared["passed"]["delta"], compared["passed"]["differs"], compared["flipped"]) == (0, False, [])


async def test_a_run_that_is_worse_than_the_baseline_exits_1_with_metric_and_cases(tenor, tmp_path, file):
    own = ("evals", "run", "smoke", "--data", str(file), "--baseline", "baseline.json")
    first = await tenor(*own, "--renew")
    assert (first.exit, plain(first)["failed"]) == (0, 0)
    assert (await tenor(*own)).exit == 0
    cases = [json.loads(line) for line in file.read_text().splitlines()]
    for case in cases[:6]:
        case["target"] = {"agents": ["nobody"]}
    file.write_text("\n".join(map(json.dumps, cases)))
    worse = await tenor(*own, "--html", "page.html", "--junit", "page.xml")
    faults = plain(worse)["faults"]
    assert worse.exit == 1
    assert faults[0] == "smoke: 6 cases broke and 0 were fixed: " + ", ".join(case["id"] for case in cases[:6])
    assert faults[1].startswith("smoke: pass_rate is 0.5, below ")
    assert faults[0] in worse.text
    assert "Failed cases" in (tmp_path / "page.html").read_text()
    assert (tmp_path / "page.xml").exists()
    runs = plain(await tenor("evals", "runs"))["runs"]
    compared = await tenor("evals", "compare", runs[1]["id"], runs[0]["id"], "--html", "both.html")
    assert plain(compared)["passed"]["delta"] == -0.5
    assert plain(compared)["notes"] == ["The cases differ between the runs."]
    assert compared.text.startswith("-50.0 points (")
    assert "-50.0 points" in (tmp_path / "both.html").read_text()


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("run", "smoke", "--prompt", "risk"), "--prompt 'risk' is not AGENT=vN"),
        (("run", "smoke", "--prompt", "risk=v99"), "risk.v99"),
        (("run", "books", "--resume"), "suite books reads its cases as a whole"),
        (("run", "smoke", "--resume"), "no run of suite smoke was stopped"),
        (("run", "smoke", "--baseline", "none.json"), "cannot read the baseline"),
        (("compare", "a", "b"), "run 'a' does not exist"),
    ],
)
async def test_what_cannot_be_done_is_one_sentence(tenor, argv, words):
    outcome = await tenor("evals", *argv)
    assert outcome.exit == 1
    assert words in str(outcome.error)
