"""`tenor halt` takes hold of a desk whose main loop hangs."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.api.running import tenor

pytestmark = pytest.mark.fault


@pytest.fixture
def hanging(tmp_path):
    home = tmp_path / "home"
    command = [sys.executable, "-m", "tests.faults.hanging_desk", str(home)]
    desk = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    assert desk.stdout is not None
    assert "up" in desk.stdout.readline()
    yield home, desk
    desk.kill()
    desk.wait(10)


def ask(desk, id):
    desk.stdin.write(id + "\n")
    desk.stdin.flush()
    return desk.stdout.readline().split()


def test_a_halt_by_a_second_process_takes_hold_while_the_main_thread_hangs(hanging):
    home, desk = hanging
    assert ask(desk, "before") == ["accepted", "working"]
    for nobody in ([], ["--as", "customer"], ["--as", "nobody"]):
        assert tenor(home, "halt", *nobody).exit == 1
    assert ask(desk, "still") == ["accepted", "working"]
    done = tenor(home, "halt", "--as", "trader", "--reason", "it hangs")
    assert done.exit == 0, done.err
    assert (done.json["halted"], done.json["beside"], done.json["by"]) == (True, True, "trader")
    assert ask(desk, "after")[0] == "halted"
    ends = time.monotonic() + 20
    while ask(desk, "again") != ["halted", "cancelled"]:
        assert time.monotonic() < ends, "open orders were not cancelled"
        time.sleep(0.05)
    desk.kill()
    desk.wait(10)
    rows = {row["client_id"]: row["state"] for row in tenor(home, "orders", "list").json["orders"]}
    assert rows == {"rests": "cancelled", "before": "cancelled", "still": "cancelled"}
    assert tenor(home, "resume", "--as", "trader").json["halted"]
