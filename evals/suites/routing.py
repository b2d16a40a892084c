"""Routing: whether a question reaches the agents that can answer it.

`accuracy`: the leading agent is one of the target's, over all cases, whatever was abstained on;
`answered_accuracy`: the same over those not abstained on; `top2`: a target agent leads, or is the
best other (another agent chosen, else the classifier's likeliest, also where a rule decided);
`all_agents`: exactly the target's agents speak; `several_precision` and `several_recall`: over cases
with more than one agent, agents named and agents wanted; `sure_wrong_rate`: the leading agent is
none of the target's and no doubt was shown, over all cases.
"""

from __future__ import annotations

import time
from pathlib import Path

from pydantic import JsonValue

from agents.request import check_question, read_request
from desk.errors import InputError
from evals.dataset import CASES, CaseResult, NamedCase, number, percentile, read_cases, share, wilson
from evals.stepwise import ByCase
from graphs.router import Route
from graphs.runtime import Runtime

DESCRIPTION = (
    "Questions in strangers' words: which agents they reach, how often the router is unsure, how long it takes."
)
METRICS = (
    "accuracy",
    "accuracy_low",
    "accuracy_high",
    "answered_accuracy",
    "sure_wrong_rate",
    "top2",
    "all_agents",
    "abstain_rate",
    "several_precision",
    "several_recall",
    "p50_cpu_ms",
    "p99_cpu_ms",
    "p50_ms",
    "p99_ms",
    "late_rate",
    "calibration_ms",
)
FILE = CASES / "routing.jsonl"


def load_routing_cases(path: Path) -> list[NamedCase]:
    """Reads `{id, input, target: [agent…]}` lines. InputError names the file and line that is wrong."""

    def check(case: NamedCase) -> None:
        check_question(case.input)
        if not case.target:
            raise InputError("target names no agent")

    return read_cases(path, NamedCase, check)


def _load(runtime: Runtime, data: Path | None) -> list[NamedCase]:
    cases = load_routing_cases(data or FILE)
    unknown = {agent for case in cases for agent in case.target} - set(runtime.agents)
    if unknown:
        raise InputError(f"target {sorted(unknown)[0]!r} is no agent; agents are {', '.join(runtime.agents)}")
    return cases


async def _warm(runtime: Runtime, cases: list[NamedCase]) -> None:
    """A pass of the first cases that is not counted in times."""
    for case in cases[:20]:
        await _judge(runtime, case)


async def _judge(runtime: Runtime, case: NamedCase) -> CaseResult:
    """No agent speaks."""
    request = read_request(case.input, runtime.desk.feed.instruments)
    began = time.process_time()
    route = await runtime.router.choose(request)
    cpu_ms = (time.process_time() - began) * 1000
    right = route.agents[0] in case.target
    exact = set(route.agents) == set(case.target)
    doubt = f", in doubt with {route.choices[1]}" if route.choices else ""
    return CaseResult(
        id=case.id,
        passed=exact,
        score=float(right),
        reason="" if exact else f"{', '.join(route.agents)} by {route.by}{doubt}",
        ms=route.ms,
        cost_usd=0.0,
        costly=not right and not route.choices,
        notes={
            "named": len(route.agents),
            "wanted": len(case.target),
            "hits": len(set(route.agents) & set(case.target)),
            "in_two": any(agent in case.target for agent in route.best_two),
            "doubt": bool(route.choices),
            "late": route.late is not None,
            "cpu_ms": cpu_ms,
        },
        trace=None if exact else _trace(case, route),
    )


def _trace(case: NamedCase, route: Route) -> dict[str, JsonValue]:
    chances: dict[str, JsonValue] = {agent: round(chance, 4) for agent, chance in route.probabilities[:3]}
    wanted: list[JsonValue] = [*case.target]
    return {"question": case.input, "wanted": wanted, "by": route.by, "agents": [*route.agents], "chances": chances}


def measure(results: list[CaseResult]) -> dict[str, float | None]:
    """The metrics; a share of nothing is None."""
    notes = [result.notes for result in results]
    right = sum(result.score == 1 for result in results)
    low, high = wilson(right, len(results))
    answered = [result for result in results if not result.notes["doubt"]]
    several = [each for each in notes if number(each, "wanted") > 1]
    hits = int(sum(number(each, "hits") for each in several))
    cpu, wall = [number(each, "cpu_ms") for each in notes], [result.ms for result in results]
    return {
        "accuracy": share(right, len(results)),
        "accuracy_low": round(low, 4),
        "accuracy_high": round(high, 4),
        "answered_accuracy": share(sum(result.score == 1 for result in answered), len(answered)),
        "sure_wrong_rate": share(sum(result.costly for result in results), len(results)),
        "top2": share(sum(bool(each["in_two"]) for each in notes), len(results)),
        "all_agents": share(sum(result.passed for result in results), len(results)),
        "abstain_rate": share(len(results) - len(answered), len(results)),
        "several_precision": share(hits, int(sum(number(each, "named") for each in several))),
        "several_recall": share(hits, int(sum(number(each, "wanted") for each in several))),
        "p50_cpu_ms": percentile(cpu, 0.5),
        "p99_cpu_ms": percentile(cpu, 0.99),
        "p50_ms": percentile(wall, 0.5),
        "p99_ms": percentile(wall, 0.99),
        "late_rate": share(sum(bool(each["late"]) for each in notes), len(results)),
    }


def calibrate() -> float:
    """CPU milliseconds of a fixed piece of plain Python, best of five: how fast this machine is now."""

    def once() -> float:
        began = time.process_time()
        sum(number * number % 7 for number in range(200_000))
        return (time.process_time() - began) * 1000

    return round(min(once() for _ in range(5)), 3)


run = ByCase(
    "routing",
    _load,
    _judge,
    measure,
    prepare=_warm,
    besides=lambda _: {"calibration_ms": calibrate()},
    timed=("p50_cpu_ms", "p99_cpu_ms", "p50_ms", "p99_ms"),
)
