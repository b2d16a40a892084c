"""Tool calls by a model on this machine: the right one of four read tools, or none where none fits.

`accuracy`: a valid call of the right tool, or rightly no call, over all cases; `covered_accuracy` and `refused` the
same over cases that a tool covers and that none does; `valid`: an answer that keeps the tool's schema came at all;
`instruments_right`: over right calls of cases that name instruments. Without a local model nothing is run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from desk.errors import InputError, ModelError
from desk.instruments import Instruments
from desk.llm.chat import ChatModel, Completion, Message, Request, ToolSchema
from desk.llm.draft import Draft
from desk.llm.local.choosing import DECLINED
from evals.dataset import CASES, Case, CaseResult, SuiteResult, load_cases, percentile, share, summarise, wilson
from graphs.runtime import Runtime
from tools.examples import offer
from tools.filings import ask_filings
from tools.market import read_quotes
from tools.risk import measure_instruments
from tools.sentiment import read_sentiment

DESCRIPTION = "Forty requests over four read tools: which one a local model calls, and what it leaves alone."
METRICS = (
    "accuracy",
    "accuracy_low",
    "accuracy_high",
    "covered_accuracy",
    "refused",
    "valid",
    "instruments_right",
    "p50_ms",
    "p95_ms",
)
FILE = CASES / "tools_local.jsonl"
NOT_OFFERED = ("Buy 10 shares of Walmart.", "Stop my order for gold.", "Withdraw my money.", "Delete my profile.")
MOST_TOKENS = 128


@dataclass(frozen=True)
class Judged:
    """One case and what the model did; `completion` is None when its answer was not valid."""

    case: Case
    completion: Completion | None
    fault: str
    ms: float

    @property
    def wanted(self) -> object:
        """The tool's name; None when none covers it."""
        return self.case.target["tool"]

    @property
    def called(self) -> str | None:
        """The tool that was called; None when none was."""
        return self.completion.calls[0].name if self.completion and self.completion.calls else None

    @property
    def right(self) -> bool:
        """A valid answer with the right tool, or rightly without one."""
        return self.completion is not None and self.called == self.wanted


async def run(runtime: Runtime, data: Path | None, progress: Callable[[int], None]) -> SuiteResult:
    """Asks the local model of this desk every case. InputError that says what to do when there is none."""
    local = [model for model in runtime.models.models.values() if model.spec.provider == "local"]
    if not local:
        raise InputError(
            "not run: this desk has no local model; `tenor models fetch small`, then set TENOR_LLM_GGUF=small"
        )
    cases = load_cases(data or FILE)
    if any("tool" not in case.target for case in cases):
        raise InputError("a target of this suite is {tool, instruments}; tool is null where none covers the case")
    tools = offered(runtime.desk.feed.instruments)
    await judge(local[-1], cases[0], tools)  # reads what is the same for all
    judged = []
    for number, case in enumerate(cases, 1):
        judged.append(await judge(local[-1], case, tools))
        progress(number)
    return summarise("tools_local", [_detail(each) for each in judged], measure(judged))


def offered(instruments: Instruments) -> tuple[ToolSchema, ...]:
    """The four tools, with the desk's own instrument ids as the only ones a call may name."""
    ids = {one.id: one.name for one in instruments}
    return tuple(offer(tool, ids) for tool in (read_quotes, measure_instruments, ask_filings, read_sentiment))


async def judge(model: ChatModel, case: Case, tools: tuple[ToolSchema, ...]) -> Judged:
    """One case by one model."""
    shown = [m for asked in NOT_OFFERED for m in (Message("user", asked), Message("assistant", DECLINED))]
    request = Request((*shown, Message("user", case.input)), tools, max_tokens=MOST_TOKENS)
    draft, began = Draft(model.spec, request), time.perf_counter()
    completion, fault = None, ""
    try:
        async for part in model.stream(request):
            draft.add(part)
        completion = draft.finish()
    except ModelError as error:
        fault = error.message
    return Judged(case, completion, fault, round((time.perf_counter() - began) * 1000, 1))


def measure(judged: list[Judged]) -> dict[str, float | None]:
    """The metrics; a share of nothing is None."""
    right = [each for each in judged if each.right]
    low, high = wilson(len(right), len(judged))
    covered = [each for each in judged if each.wanted is not None]
    outside = [each for each in judged if each.wanted is None]
    naming = [each for each in right if "instruments" in each.case.target]
    times = [each.ms for each in judged]
    return {
        "accuracy": share(len(right), len(judged)),
        "accuracy_low": round(low, 4),
        "accuracy_high": round(high, 4),
        "covered_accuracy": share(sum(each.right for each in covered), len(covered)),
        "refused": share(sum(each.right for each in outside), len(outside)),
        "valid": share(sum(each.completion is not None for each in judged), len(judged)),
        "instruments_right": share(sum(_named_right(each) for each in naming), len(naming)),
        "p50_ms": percentile(times, 0.5),
        "p95_ms": percentile(times, 0.95),
    }


def _named_right(each: Judged) -> bool:
    said = each.completion.calls[0].arguments.get("instruments") if each.completion else None
    return said == each.case.target["instruments"]


def _detail(each: Judged) -> CaseResult:
    reason = "" if each.right else each.fault or f"called {each.called or 'nothing'}, not {each.wanted or 'nothing'}"
    return CaseResult(
        id=each.case.id, passed=each.right, score=float(each.right), reason=reason, ms=each.ms, cost_usd=0.0
    )
