"""Grader: whether the deterministic grader of figures agrees with people on answers of models.

A case is a line `{gold_answer, model_answer, label}`; a label of "Correct Answer" is a person's yes, any other a no.
Lines whose gold answer is not one bare number are left out. `agreement`: over the `n` lines left, with its 95 %
Wilson interval; `false_yes`, `false_no`: what the grader alone accepts and refuses, of all. The shipped lines are our
own; `--data FILE` takes lines of that form, gzipped or not, such as the labelled answers of FinanceBench.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from desk.errors import InputError
from evals.dataset import CASES, CaseResult, SuiteResult, share, summarise, wilson
from evals.numeric import gives_number
from graphs.runtime import Runtime

DESCRIPTION = "The grader of figures against people: how often both call an answer right or both wrong."
METRICS = ("agreement", "agreement_low", "agreement_high", "n", "false_yes", "false_no")
FILE = CASES / "grader.jsonl"
YES = "Correct Answer"
_BARE = re.compile(r"\s*-?\$?-?[\d,]*\.?\d+%?\s*")


class Labelled(BaseModel):
    """An answer that a person has judged."""

    model_config = ConfigDict(frozen=True)

    gold_answer: str
    model_answer: str
    label: str
    question: str = ""

    @property
    def bare(self) -> bool:
        """Whether the gold answer is one number and nothing else."""
        return _BARE.fullmatch(self.gold_answer) is not None


async def run(_: Runtime, data: Path | None, progress: Callable[[int], None]) -> SuiteResult:
    """Grades every answer to a bare number. InputError names the line that is wrong, or that none is left."""
    rows = [row for row in load_labelled(data or FILE) if row.bare]
    if not rows:
        raise InputError(f"{(data or FILE).name} holds no answer whose gold is one bare number")
    given = [gives_number(row.model_answer, row.gold_answer) for row in rows]
    results = [_detail(i, row, yes) for i, (row, yes) in enumerate(zip(rows, given, strict=True), 1)]
    progress(len(results))
    agreed = sum(result.passed for result in results)
    low, high = wilson(agreed, len(rows))
    wrong = [yes for yes, result in zip(given, results, strict=True) if not result.passed]
    metrics: dict[str, float | None] = {
        "agreement": share(agreed, len(rows)),
        "agreement_low": round(low, 4),
        "agreement_high": round(high, 4),
        "n": float(len(rows)),
        "false_yes": share(sum(wrong), len(rows)),
        "false_no": share(len(wrong) - sum(wrong), len(rows)),
    }
    return summarise("grader", results, metrics)


def load_labelled(path: Path) -> list[Labelled]:
    """Reads the lines. InputError names the file and line that is wrong."""
    try:
        raw = path.read_bytes()
        lines = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8").splitlines()
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise InputError(f"cannot read answers from {path}: {error}") from None
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            rows += [Labelled.model_validate(json.loads(line))] if line.strip() else []
        except (ValueError, ValidationError) as error:
            raise InputError(f"{path.name} line {number} is no labelled answer: {str(error).splitlines()[0]}") from None
    return rows


def _detail(number: int, row: Labelled, yes: bool) -> CaseResult:
    agreed = yes == (row.label == YES)
    reason = "" if agreed else f"{'accepted' if yes else 'refused'} for {row.gold_answer}, a person says {row.label!r}"
    return CaseResult(id=f"a{number}", passed=agreed, score=float(agreed), reason=reason, ms=0.0, cost_usd=0.0)
