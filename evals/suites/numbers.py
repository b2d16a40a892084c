"""Numbers: questions over a table and its paragraphs, answered by rules or not at all.

A case is a context in the form of TAT-QA (Zhu et al. 2021): table, paragraphs, questions with answer, type and scale.
The shipped ones are our own, over tables of the filings in the box; `--data FILE` takes a file of that form, gzipped
or not. `exact_match` and `f1`: over all questions, an abstention counting 0; `wrong_rate`: answered and not exact, of
all; `abstain_rate`: of all; `right_rate`: of the answered; `exact_low`, `exact_high`: 95 % Wilson interval;
`everything_exact`: exact when nothing is abstained from. `unread_…`: the same over the half, by a hash of the
context, that no rule was written on; they mean what they say for TAT-QA's developer part alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.dataset import CASES, CaseResult, SuiteResult, percentile, summarise, wilson
from evals.numbers.dataset import Asked, load_tables
from evals.numbers.score import Score, score
from graphs.runtime import Runtime
from rag.tableqa.answer import TableAnswer, answer
from rag.tableqa.confidence import load_weights
from rag.tableqa.problem import Context

DESCRIPTION = "Questions over a table and its paragraphs: exact match, F1, what is wrong and what is left unsaid."
_SHARES = ("exact_match", "f1", "abstain_rate", "wrong_rate", "right_rate", "everything_exact")
METRICS = (*_SHARES, "exact_low", "exact_high", "p50_cpu_ms", "p99_cpu_ms", *(f"unread_{name}" for name in _SHARES))
FILE = CASES / "numbers.json"


@dataclass(frozen=True)
class Judged:
    """One question: what was said at the shipped cut, its score, and the score without any cut."""

    asked: Asked
    said: TableAnswer
    score: Score
    forced: Score
    unread: bool
    cpu_ms: float


async def run(_: Runtime, data: Path | None, progress: Callable[[int], None]) -> SuiteResult:
    """Answers every question. InputError for a file of another form."""
    cases = load_tables(data or FILE)
    load_weights()
    judged: list[Judged] = []
    for case in cases:
        context = Context(case.table.table, case.texts)
        judged += [judge(context, asked, unread=data is not None and case.unread) for asked in case.questions]
        progress(len(judged))
    return summarise("numbers", [_detail(each) for each in judged], measure(judged))


def count_questions(path: Path) -> int:
    """How many questions a file holds."""
    return sum(len(case.questions) for case in load_tables(path))


def judge(context: Context, asked: Asked, *, unread: bool) -> Judged:
    """Answers one question and scores it."""
    began = time.process_time()
    forced = answer(context, asked.question, cut=0.0)
    cpu_ms = round((time.process_time() - began) * 1000, 4)
    sure = forced.confidence >= load_weights().cut
    said = forced if sure else TableAnswer((), confidence=forced.confidence, operation=forced.operation)
    return Judged(asked, said, _score(asked, said), _score(asked, forced), unread, cpu_ms)


def measure(judged: Sequence[Judged]) -> dict[str, float | None]:
    """The metrics; None where there is nothing to measure."""
    exact = sum(each.score.exact for each in judged)
    low, high = wilson(int(exact), len(judged))
    cpu = [each.cpu_ms for each in judged]
    unread = shares([each for each in judged if each.unread])
    return {
        **shares(judged),
        "exact_low": round(low, 4),
        "exact_high": round(high, 4),
        "p50_cpu_ms": percentile(cpu, 0.5),
        "p99_cpu_ms": percentile(cpu, 0.99),
        **{f"unread_{name}": value for name, value in unread.items()},
    }


def shares(judged: Sequence[Judged]) -> dict[str, float | None]:
    """Shares of these questions, four decimals."""
    answered = [each for each in judged if not each.said.abstained]
    exact = sum(each.score.exact for each in judged)
    return {
        "exact_match": _share(exact, len(judged)),
        "f1": _share(sum(each.score.f1 for each in judged), len(judged)),
        "abstain_rate": _share(len(judged) - len(answered), len(judged)),
        "wrong_rate": _share(len(answered) - exact, len(judged)),
        "right_rate": _share(exact, len(answered)),
        "everything_exact": _share(sum(each.forced.exact for each in judged), len(judged)),
    }


def _share(part: float, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _score(asked: Asked, said: TableAnswer) -> Score:
    return score(asked.gold, asked.scale, asked.answer_type, said.values, said.scale)


def _detail(each: Judged) -> CaseResult:
    """One question; an abstention is not passed, and says so."""
    said, wanted = each.said, f"{' | '.join(each.asked.gold)} {each.asked.scale}".strip()
    passed = each.score.exact == 1.0
    words = f"said {' | '.join(said.values)} {said.scale}".strip() if said.values else "said nothing"
    reason = "" if passed else f"{words} ({said.operation or 'no rule'}, {said.confidence:.2f}), not {wanted}"
    id = each.asked.uid
    return CaseResult(id=id, passed=passed, score=each.score.f1, reason=reason, ms=each.cpu_ms, cost_usd=0.0)
