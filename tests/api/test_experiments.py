from __future__ import annotations

from pathlib import Path

from tests.api.running import tenor


def test_arms_are_compared_swept_and_never_promoted_without_winning(tmp_path: Path) -> None:
    home = tmp_path / "home"
    chosen = ("--arm", "momentum", "--arm", "ridge", "--years", "5")
    swept = tenor(home, "experiments", "sweep", "--id", "one", *chosen, "--workers", "1", "--as", "evaluator").json
    assert (swept["id"], swept["backtests"], swept["failed"]) == ("one", 2, 0)
    ran = tenor(home, "experiments", "run", *chosen).json
    assert ran["verdict"] == "none beats the baseline"
    assert [arm["arm"] for arm in ran["arms"]] == ["buy_and_hold", "momentum", "ridge"]
    assert ran["trials"] == 2 + 2  # the sweep's backtests were tries too
    assert 0.87 <= ran["outlook"]["return"]["covered"] <= 0.93
    refused = tenor(home, "experiments", "promote", "momentum", "--years", "5", "--as", "evaluator")
    assert refused.exit != 0
    assert "momentum does not beat the baseline here" in refused.err
    assert tenor(home, "experiments", "promote", "momentum", "--as", "customer").exit != 0
    watched = tenor(home, "experiments", "watch", "--years", "5", "--as", "evaluator").json
    assert watched["champion"] == "buy_and_hold"
    listed = tenor(home, "experiments", "list").json
    assert [(each["id"], each["left"]) for each in listed["sweeps"]] == [("one", 0)]
    assert listed["champions"][0]["instrument"] == "XNAS:AAPL"
    assert listed["runs"] == [ran["id"]]


def test_backtests_take_every_arm(tmp_path: Path) -> None:
    for arm in ("lstm", "momentum"):
        done = tenor(tmp_path / "home", "backtest", arm, "--years", "3").json
        assert not done["lookahead"]
        assert not done["beats_baseline"]
