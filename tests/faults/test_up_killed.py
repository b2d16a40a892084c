"""`tenor up` is killed with SIGKILL around an approval; the order exists exactly once afterwards."""

from __future__ import annotations

import pytest

from tests.api.running import ColdUp, Up, tenor

pytestmark = pytest.mark.fault


def held(home):
    rows = tenor(home, "positions").json["positions"]
    return sum(row["quantity"] for row in rows if row["account"] == "desk-1" and row["instrument"] == "XNAS:AAPL")


def test_killed_between_proposal_and_approval(tmp_path):
    home = tmp_path / "home"
    up = ColdUp(home)
    asked = tenor(home, "ask", "Buy 50 AAPL", "--as", "trader").json
    up.kill()
    done = tenor(home, "approvals", "approve", asked["approval"]["id"], "--as", "trader").json
    assert done["order"]["filled"] == 50
    assert held(home) == 450


def test_killed_right_after_the_approval_was_answered(tmp_path):
    home = tmp_path / "home"
    up = Up(home)
    asked = tenor(home, "ask", "Buy 50 AAPL", "--as", "trader").json
    tenor(home, "approvals", "approve", asked["approval"]["id"], "--as", "trader")
    up.kill()
    assert held(home) == 450
    again = Up(home)
    assert held(home) == 450
    assert again.stop() in (0, 130)
    assert tenor(home, "audit", "export", "--out", str(tmp_path / "log.jsonl"), "--as", "compliance").exit == 0
    assert tenor(home, "audit", "verify", str(tmp_path / "log.jsonl")).json["ok"]
