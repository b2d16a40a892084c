"""Agents: scripted conversations, each turn with what a right answer to it must have.

A case is `{id, user, turns: [{input, target}…]}`; targets are those of the suite `smoke`, an empty one wants any
answer that is no error. `turns_as_expected`: over the turns with a target; `conversations`: share of conversations
without a wrong turn; `wrong_order_rate`: turns that propose an order where the target names another or none.
"""

from __future__ import annotations

import secrets
import time
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from agents.request import check_question
from desk.errors import TenorError
from evals.dataset import CASES, CaseResult, Identified, percentile, read_cases, share, wilson
from evals.graders import Answer, check_target, grade
from evals.stepwise import ByCase
from evals.trace import read_trace, was_late
from graphs.runtime import Runtime

DESCRIPTION = "Conversations of five turns and more by strangers: follow-ups, changes of mind, every role."
METRICS = (
    "turns_as_expected",
    "turns_low",
    "turns_high",
    "conversations",
    "wrong_order_rate",
    "turns",
    "p50_ms",
    "p95_ms",
)
FILE = CASES / "agents.jsonl"
SHOWN = 160
"""Characters of an answer in the reason of a wrong turn."""


class TalkTurn(BaseModel):
    """What the person says next, and what a right answer must have."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: str
    target: dict[str, JsonValue]


class TalkCase(Identified):
    """A conversation of one person."""

    user: str = "analyst"
    turns: tuple[TalkTurn, ...] = Field(min_length=1)
    metadata: dict[str, JsonValue] = Field(default_factory=dict)


def load_talks(path: Path) -> list[TalkCase]:
    """Reads the conversations. InputError names the file, line and field that is wrong."""

    def check(case: TalkCase) -> None:
        for turn in case.turns:
            check_question(turn.input)
            check_target(turn.target)

    return read_cases(path, TalkCase, check)


async def _grade(runtime: Runtime, case: TalkCase) -> CaseResult:
    """Every turn in order on a thread of its own; a turn that raises is wrong, and the conversation goes on."""
    person, thread = runtime.desk.people.get(case.user), f"evals-{secrets.token_hex(6)}"
    reasons: list[str] = []
    times: list[JsonValue] = []
    right = orders = wrong_orders = 0
    late, cost, failed = False, 0.0, None
    for number, turn in enumerate(case.turns, 1):
        began, answer = time.perf_counter(), None
        try:
            answer = await runtime.ask(turn.input, person, thread)
            reason = grade(answer, turn.target)
        except TenorError as error:
            reason = f"{error.code}: {error.message}"
        times.append(round((time.perf_counter() - began) * 1000, 1))
        late = late or was_late(answer)
        cost += float(str(answer["cost_usd"])) if answer else 0.0
        orders += "approval" in turn.target
        wrong_orders += answer is not None and _is_wrong_order(answer, turn.target)
        if not reason:
            right += bool(turn.target)
            continue
        said = " ".join(str(answer["answer"]).split())[:SHOWN] if answer else ""
        reasons.append(f"turn {number}, {turn.input[:80]!r}: {reason}" + (f" ({said})" if said else ""))
        failed = failed or (read_trace(runtime, turn.input, answer) if answer else None)
    wanted = sum(bool(turn.target) for turn in case.turns)
    return CaseResult(
        id=case.id,
        passed=not reasons,
        score=right / wanted if wanted else float(not reasons),
        reason="; ".join(reasons),
        ms=round(sum(float(str(ms)) for ms in times), 1),
        cost_usd=cost,
        costly=wrong_orders > 0,
        notes={"turns": wanted, "right": right, "wrong_orders": wrong_orders, "times": times, "late": late},
        trace=failed,
    )


def _is_wrong_order(answer: Answer, target: dict[str, JsonValue]) -> bool:
    """A proposal where the target allows none, or wants another."""
    return (
        "approval" in target
        and answer["approval"] is not None
        and bool(grade(answer, {"approval": target["approval"]}))
    )


def _measure(results: list[CaseResult]) -> dict[str, float | None]:
    turns, right, wrong = (sum(int(str(r.notes[name])) for r in results) for name in ("turns", "right", "wrong_orders"))
    low, high = wilson(right, turns)
    taken = [result.notes["times"] for result in results]
    times = [float(str(ms)) for each in taken if isinstance(each, list) for ms in each]
    return {
        "turns_as_expected": share(right, turns),
        "turns_low": round(low, 4),
        "turns_high": round(high, 4),
        "conversations": share(sum(result.passed for result in results), len(results)),
        "wrong_order_rate": share(wrong, turns),
        "turns": float(turns),
        "p50_ms": percentile(times, 0.5),
        "p95_ms": percentile(times, 0.95),
    }


run = ByCase("agents", lambda _, data: load_talks(data or FILE), _grade, _measure, timed=("p50_ms", "p95_ms"))
