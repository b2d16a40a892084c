"""Routing: whether a question reaches the agents that can answer it.

`accuracy`: the leading agent is one of the target's, over all cases, whatever was abstained on;
`answered_accuracy`: the same over those not abstained on; `top2`: a target agent is the leading or
the second choice; `all_agents`: exactly the target's agents speak; `several_precision` and
`several_recall`: over cases with more than one agent, agents named and agents wanted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agents.request import check_question, read_request
from desk.errors import InputError
from evals.dataset import CASES, CaseResult, NamedCase, SuiteResult, percentile, read_cases, share, summarise, wilson
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


@dataclass(frozen=True)
class Judged:
    """One case, routed."""

    case: NamedCase
    route: Route
    cpu_ms: float

    @property
    def right(self) -> bool:
        """The leading agent is one of the target's."""
        return self.route.agents[0] in self.case.target

    @property
    def in_two(self) -> bool:
        """A target agent leads or stands second."""
        second = [agent for agent, _ in self.route.probabilities[:2]]
        return self.right or any(agent in self.case.target for agent in second)

    @property
    def exact(self) -> bool:
        """Just the target's agents speak."""
        return set(self.route.agents) == set(self.case.target)


def load_routing_cases(path: Path) -> list[NamedCase]:
    """Reads `{id, input, target: [agent…]}` lines. InputError names the file and line that is wrong."""

    def check(case: NamedCase) -> None:
        check_question(case.input)
        if not case.target:
            raise InputError("target names no agent")

    return read_cases(path, NamedCase, check)


async def run(runtime: Runtime, data: Path | None, progress: Callable[[int], None]) -> SuiteResult:
    """Routes every case; no agent speaks. A warm-up pass of the first cases is not counted in times."""
    cases = load_routing_cases(data or FILE)
    unknown = {agent for case in cases for agent in case.target} - set(runtime.agents)
    if unknown:
        raise InputError(f"target {sorted(unknown)[0]!r} is no agent; agents are {', '.join(runtime.agents)}")
    for case in cases[:20]:
        await _judge(runtime, case)
    judged = []
    for number, case in enumerate(cases, 1):
        judged.append(await _judge(runtime, case))
        progress(number)
    return summarise("routing", [_detail(each) for each in judged], measure(judged))


async def _judge(runtime: Runtime, case: NamedCase) -> Judged:
    request = read_request(case.input, runtime.desk.feed.instruments)
    began = time.process_time()
    route = await runtime.router.choose(request)
    return Judged(case, route, (time.process_time() - began) * 1000)


def measure(judged: list[Judged]) -> dict[str, float | None]:
    """The metrics; a share of nothing is None."""
    right = sum(each.right for each in judged)
    low, high = wilson(right, len(judged))
    answered = [each for each in judged if not each.route.choices]
    several = [each for each in judged if len(each.case.target) > 1]
    hits = sum(len(set(each.route.agents) & set(each.case.target)) for each in several)
    cpu, wall = [each.cpu_ms for each in judged], [each.route.ms for each in judged]
    return {
        "accuracy": share(right, len(judged)),
        "accuracy_low": round(low, 4),
        "accuracy_high": round(high, 4),
        "answered_accuracy": share(sum(each.right for each in answered), len(answered)),
        "top2": share(sum(each.in_two for each in judged), len(judged)),
        "all_agents": share(sum(each.exact for each in judged), len(judged)),
        "abstain_rate": share(len(judged) - len(answered), len(judged)),
        "several_precision": share(hits, sum(len(each.route.agents) for each in several)),
        "several_recall": share(hits, sum(len(each.case.target) for each in several)),
        "p50_cpu_ms": percentile(cpu, 0.5),
        "p99_cpu_ms": percentile(cpu, 0.99),
        "p50_ms": percentile(wall, 0.5),
        "p99_ms": percentile(wall, 0.99),
        "late_rate": share(sum(each.route.late is not None for each in judged), len(judged)),
        "calibration_ms": calibrate(),
    }


def calibrate() -> float:
    """CPU milliseconds of a fixed piece of plain Python, best of five: how fast this machine is now."""

    def once() -> float:
        began = time.process_time()
        sum(number * number % 7 for number in range(200_000))
        return (time.process_time() - began) * 1000

    return round(min(once() for _ in range(5)), 3)


def _detail(each: Judged) -> CaseResult:
    doubt = f", in doubt with {each.route.choices[1]}" if each.route.choices else ""
    reason = "" if each.exact else f"{', '.join(each.route.agents)} by {each.route.by}{doubt}"
    return CaseResult(
        id=each.case.id, passed=each.exact, score=float(each.right), reason=reason, ms=each.route.ms, cost_usd=0.0
    )
