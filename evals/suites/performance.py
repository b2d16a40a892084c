"""Performance: what an answer costs, one case for each agent and kind of question.

Each case is asked `WARM` times, then `TIMES` times. Its figures are medians, in its `notes`: `wall_ms`, `cpu_ms` of
the whole process, tokens and cost. `p50_ms`, `p95_ms`, `p50_cpu_ms` and `p95_cpu_ms` are over the cases, `AGENT_p50_ms`
and `AGENT_cpu_ms` over those that the agent leads. `in_deadline`: asks that were done
within the deadline of a talking answer (`desk/llm/tasks.py`); `tokens` and `cost_usd` are means an answer. A case
passes when it went the way it is there to measure; its time decides nothing.
"""

from __future__ import annotations

import statistics
import time
from typing import NamedTuple

from desk.errors import TenorError
from desk.llm.tasks import task_class
from evals.dataset import CASES, Case, CaseResult, number, percentile, share
from evals.graders import Answer, grade
from evals.stepwise import ByCase, Metrics
from evals.suites.smoke import load_graded
from graphs.runtime import Runtime

DESCRIPTION = "Latency, CPU time, tokens and cost of an answer, for each agent and kind of question."
LED = (
    "market_data",
    "sentiment",
    "risk",
    "fraud",
    "portfolio",
    "compliance",
    "execution",
    "customer_query",
    "ab_testing",
    "robo_advisor",
)
BY_AGENT = tuple(f"{agent}_{figure}" for agent in LED for figure in ("p50_ms", "cpu_ms"))
TIMED = ("p50_ms", "p95_ms", "p50_cpu_ms", "p95_cpu_ms", "in_deadline", *BY_AGENT)
METRICS = (*TIMED, "tokens", "cost_usd", "pass_rate")
FILE = CASES / "performance.jsonl"
WARM, TIMES = 1, 5


class _Asked(NamedTuple):
    """One ask."""

    ms: float
    cpu_ms: float
    answer: Answer


async def _ask(runtime: Runtime, case: Case) -> _Asked:
    began, cpu = time.perf_counter(), time.process_time()
    answer = await runtime.ask(case.input, runtime.desk.people.get(case.user))
    return _Asked((time.perf_counter() - began) * 1000, (time.process_time() - cpu) * 1000, answer)


async def _grade(runtime: Runtime, case: Case) -> CaseResult:
    try:
        asked = [await _ask(runtime, case) for _ in range(WARM + TIMES)][WARM:]
    except TenorError as error:
        reason = f"{error.code}: {error.message}"
        return CaseResult(id=case.id, passed=False, score=0.0, reason=reason, ms=0.0, cost_usd=0.0)
    reason, ms = grade(asked[-1].answer, case.target), statistics.median(one.ms for one in asked)
    deadline = task_class("chat").total_s * 1000
    agents = asked[-1].answer["agents"]
    tokens = statistics.mean(float(str(one.answer["tokens"])) for one in asked)
    cost = statistics.mean(float(str(one.answer["cost_usd"])) for one in asked)
    return CaseResult(
        id=case.id,
        passed=not reason,
        score=float(not reason),
        reason=reason,
        ms=round(ms, 1),
        cost_usd=cost,
        notes={
            "led": str(agents[0]) if isinstance(agents, list) and agents else "",
            "path": case.metadata.get("path", ""),
            "wall_ms": round(ms, 2),
            "cpu_ms": round(statistics.median(one.cpu_ms for one in asked), 2),
            "tokens": tokens,
            "in_deadline": sum(one.ms <= deadline for one in asked) / len(asked),
        },
    )


def measure(results: list[CaseResult]) -> Metrics:
    """The metrics; a case that raised gives none but its failure."""
    done = [result for result in results if result.notes]
    metrics: Metrics = {}
    for name, note in (("ms", "wall_ms"), ("cpu_ms", "cpu_ms")):
        values = [number(result.notes, note) for result in done]
        metrics |= {f"p50_{name}": percentile(values, 0.5), f"p95_{name}": percentile(values, 0.95)}
    metrics["in_deadline"] = _mean([number(result.notes, "in_deadline") for result in done])
    for agent in LED:
        led = [result for result in done if result.notes["led"] == agent]
        metrics[f"{agent}_p50_ms"] = percentile([number(result.notes, "wall_ms") for result in led], 0.5)
        metrics[f"{agent}_cpu_ms"] = percentile([number(result.notes, "cpu_ms") for result in led], 0.5)
    metrics["tokens"] = _mean([number(result.notes, "tokens") for result in done])
    metrics["cost_usd"] = _mean([result.cost_usd for result in done])
    metrics["pass_rate"] = share(sum(result.passed for result in results), len(results))
    return metrics


def _mean(values: list[float]) -> float | None:
    return round(statistics.mean(values), 4) if values else None


run = ByCase("performance", lambda _, data: load_graded(data or FILE), _grade, measure, timed=TIMED)
