"""The solver's process: killed, hanging, orphaned."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from desk.errors import DataError
from desk.portfolio.worker import SolverProcess

QUESTION = {"call": "shrink", "returns": [[0.01, 0.02], [0.0, -0.01], [0.02, 0.01]], "days_a_year": 252}


def _children(parent: int) -> list[int]:
    found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(child) for child in found]


def _gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def _wait_gone(process: int) -> bool:
    ends = time.monotonic() + 20
    while not _gone(process) and time.monotonic() < ends:
        time.sleep(0.05)
    return _gone(process)


def test_a_killed_solver_is_started_again_and_closing_leaves_none() -> None:
    before = set(_children(os.getpid()))
    solver = SolverProcess()
    first = solver.ask(QUESTION)
    (child,) = set(_children(os.getpid())) - before
    os.kill(child, signal.SIGKILL)
    assert solver.ask(QUESTION) == first
    (other,) = set(_children(os.getpid())) - before - {child}
    solver.close()
    assert _gone(other)
    with pytest.raises(DataError, match="closing"):
        solver.ask(QUESTION)


def test_a_hanging_solver_is_ended_and_named() -> None:
    solver = SolverProcess((sys.executable, "-c", "import time; time.sleep(60)"), limit_s=0.3)
    with pytest.raises(DataError, match="no answer in"):
        solver.ask(QUESTION)
    solver.close()


def test_a_solver_that_cannot_run_is_tried_twice() -> None:
    solver = SolverProcess((sys.executable, "-c", "raise SystemExit(3)"))
    with pytest.raises(DataError, match="ended twice"):
        solver.ask(QUESTION)
    solver.close()


def test_the_solver_ends_with_a_desk_that_was_killed() -> None:
    lines = "from desk.portfolio.worker import SolverProcess as S; s = S(); s.start(); print('up', flush=True); input()"
    top = Path(__file__).parents[2]
    desk = subprocess.Popen([sys.executable, "-c", lines], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=top)
    assert desk.stdout is not None
    assert desk.stdout.readline() == b"up\n"
    (child,) = _children(desk.pid)
    desk.kill()
    desk.wait()
    assert _wait_gone(child)
