"""From results of cases and trials to a suite's: metrics, intervals, pass^k, the costly error, cost, time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evals.costly import name_costly
from evals.dataset import CaseResult, Origin, SuiteResult, percentile, summarise, wilson
from evals.statistics import bootstrap, bootstrap_of, pass_hat
from evals.stepwise import ByCase

BOUNDS = ("_low", "_high")


def sum_up(
    steps: ByCase[Any],
    trials: list[list[CaseResult]],
    besides: dict[str, float | None],
    parallel: int,
    origin: Origin | None = None,
) -> SuiteResult:
    """Of a suite by case. `trials[t][i]` is case i in trial t; intervals draw cases with all their trials."""
    groups = list(zip(*trials, strict=True))
    metrics = {**steps.measure([one for group in groups for one in group]), **besides}
    drawn = bootstrap_of(groups, lambda some: steps.measure([one for group in some for one in group]))
    if parallel > 1:
        metrics |= dict.fromkeys(steps.timed)
    if len(trials) > 1:  # a suite's own bounds would count trials of one case as cases
        metrics |= {name: None for name in metrics if name.endswith(BOUNDS)}
    intervals = {
        name: ends
        for name, ends in drawn.items()
        if not name.endswith(BOUNDS) and ends.low < ends.high and metrics[name] is not None
    }
    return _whole(steps.name, groups, metrics, intervals, origin)


def sum_up_wholes(wholes: Sequence[SuiteResult], origin: Origin | None = None) -> SuiteResult:
    """Of a suite that runs as a whole: its metrics' means over the trials, without intervals of their own."""
    first = wholes[0]
    metrics: dict[str, float | None] = {}
    for name in first.metrics:
        values = [value for whole in wholes if (value := whole.metrics[name]) is not None]
        metrics[name] = sum(values) / len(values) if values else None
    groups = list(zip(*(whole.cases_detail for whole in wholes), strict=True))
    return _whole(first.suite, groups, metrics, {}, origin)


def _whole(
    suite: str,
    groups: list[tuple[CaseResult, ...]],
    metrics: dict[str, float | None],
    intervals: dict[str, Any],
    origin: Origin | None,
) -> SuiteResult:
    cases = [merge(group) for group in groups]
    result, trials = summarise(suite, cases, metrics), len(groups[0])
    passes = [sum(one.passed for one in group) for group in groups]
    share = [count / trials for count in passes]
    ends = bootstrap(share) if 0 < sum(share) < len(share) and trials > 1 else wilson(result.passed, len(cases))
    times = [one.ms for group in groups for one in group]
    return result.model_copy(
        update={
            "intervals": {"passed": _rounded(ends), **{name: _rounded(each) for name, each in intervals.items()}},
            "costly": name_costly(suite, metrics, cases),
            "pass_hat": {k: round(pass_hat(passes, trials, k), 4) for k in range(1, trials + 1)} if trials > 1 else {},
            "cost_usd": sum(case.cost_usd for case in cases),
            "p50_ms": percentile(times, 0.5),
            "p95_ms": percentile(times, 0.95),
            "origin": origin,
        }
    )


def merge(group: Sequence[CaseResult]) -> CaseResult:
    """One case over its trials: passed when every trial did; reason, notes and trace of the first that failed."""
    if len(group) == 1:
        return group[0]
    passes = sum(one.passed for one in group)
    shown = next((one for one in group if not one.passed), group[0])
    reason = f"{shown.reason} ({passes} of {len(group)} trials passed)" if shown.reason else ""
    return shown.model_copy(
        update={
            "reason": reason,
            "score": sum(one.score for one in group) / len(group),
            "ms": round(sum(one.ms for one in group) / len(group), 1),
            "cost_usd": sum(one.cost_usd for one in group),
            "costly": any(one.costly for one in group),
            "trials": len(group),
            "passes": passes,
        }
    )


def _rounded(ends: tuple[float, float]) -> tuple[float, float]:
    return round(ends[0], 4), round(ends[1], 4)
