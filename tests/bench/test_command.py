"""`tenor bench run all`: one bench that breaks off does not take the others' figures with it."""

from __future__ import annotations

from bench.report import Report
from bench.run import Bench, attempt, find_benches, measure


def test_a_bench_that_breaks_off_is_incorrect_and_says_why(capsys):
    def breaks() -> Report:
        raise RuntimeError("the peer is gone")

    report = attempt(Bench("peerless", "", breaks))
    assert not report.correct
    assert report.notes == ["broke off: RuntimeError: the peer is gone"]
    assert "peerless" in capsys.readouterr().err


def test_a_bench_that_is_done_is_reported_as_it_is():
    done = Report("quick", True, {"ns": 1.0})
    assert attempt(Bench("quick", "", lambda: done)) is done


def test_several_run_in_a_process_each():
    first, second = measure([*find_benches("plan"), *find_benches("plan")])
    assert first["name"] == second["name"] == "plan"
    assert first["correct"]
    assert second["correct"]
