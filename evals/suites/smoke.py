"""Smoke: one case per promise, each through the whole graph on the demonstration desk."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from desk.errors import TenorError
from evals.dataset import CASES, Case, CaseResult, SuiteResult, load_cases, percentile, summarise, wilson
from evals.graders import grade
from graphs.runtime import Runtime

DESCRIPTION = "One case per promise: cited figures, abstention, proposals, refusals, each agent reachable."
METRICS = ("pass_rate", "pass_low", "pass_high", "p50_ms", "p95_ms")
FILE = CASES / "smoke.jsonl"


async def run(runtime: Runtime, data: Path | None, progress: Callable[[int], None]) -> SuiteResult:
    """Runs every case; a case that raises is a failed case with the sentence as its reason."""
    cases = load_cases(data or FILE)
    results = []
    for number, case in enumerate(cases, 1):
        results.append(await _run_case(runtime, case))
        progress(number)
    passed = sum(result.passed for result in results)
    low, high = wilson(passed, len(results))
    times = [result.ms for result in results]
    metrics: dict[str, float | None] = {
        "pass_rate": passed / len(results),
        "pass_low": round(low, 4),
        "pass_high": round(high, 4),
        "p50_ms": percentile(times, 0.5),
        "p95_ms": percentile(times, 0.95),
    }
    return summarise("smoke", results, metrics)


async def _run_case(runtime: Runtime, case: Case) -> CaseResult:
    began, cost = time.perf_counter(), 0.0
    try:
        answer = await runtime.ask(case.input, runtime.desk.people.get(case.user))
        reason = grade(answer, case.target)
        cost = float(str(answer["cost_usd"]))
    except TenorError as error:
        reason = f"{error.code}: {error.message}"
    ms = round((time.perf_counter() - began) * 1000, 1)
    return CaseResult(id=case.id, passed=not reason, score=float(not reason), reason=reason, ms=ms, cost_usd=cost)
