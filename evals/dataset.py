"""Cases: JSON Lines with the fields that outside tools use (id, input, target, metadata)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from desk.errors import InputError

CASES = Path(__file__).parent / "cases"


class Case(BaseModel):
    """One question with what a right answer must have."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    input: str
    user: str = "analyst"
    target: dict[str, JsonValue]
    metadata: dict[str, JsonValue] = {}


class NamedCase(BaseModel):
    """A question and the names of what is right: agents, entries."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    input: str
    target: tuple[str, ...]
    metadata: dict[str, JsonValue] = {}


AnyCase = TypeVar("AnyCase", Case, NamedCase)


class CaseResult(BaseModel):
    """How one case went; `reason` says what was wrong, empty when it passed."""

    model_config = ConfigDict(frozen=True)

    id: str
    passed: bool
    score: float
    reason: str
    ms: float
    cost_usd: float


class SuiteResult(BaseModel):
    """How a suite went; a metric that these cases cannot give is None."""

    model_config = ConfigDict(frozen=True)

    suite: str
    cases: int
    passed: int
    failed: int
    metrics: dict[str, float | None]
    cases_detail: tuple[CaseResult, ...]


def load_cases(path: Path) -> list[Case]:
    """Reads cases; InputError names the file and line that is wrong, or that the file is empty."""
    return read_cases(path, Case, lambda _: None)


def read_cases(path: Path, form: type[AnyCase], check: Callable[[AnyCase], None]) -> list[AnyCase]:
    """Reads cases of one form, each looked at by `check`, which raises InputError.

    InputError names the file and line that is wrong, or that the file is empty.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputError(f"cannot read cases from {path}: {error.strerror}") from None
    cases = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            case = form.model_validate(json.loads(line))
            check(case)
        except (ValueError, ValidationError, InputError) as error:
            raise InputError(f"{path.name} line {number} is not a case: {str(error).splitlines()[0]}") from None
        cases.append(case)
    if not cases:
        raise InputError(f"{path} holds no cases")
    return cases


def summarise(suite: str, cases: Sequence[CaseResult], metrics: dict[str, float | None]) -> SuiteResult:
    """A suite's result over its cases."""
    passed = sum(case.passed for case in cases)
    return SuiteResult(
        suite=suite,
        cases=len(cases),
        passed=passed,
        failed=len(cases) - passed,
        metrics=metrics,
        cases_detail=tuple(cases),
    )


def share(part: int, whole: int) -> float | None:
    """Part of a whole, four decimals; None of nothing."""
    return round(part / whole, 4) if whole else None


def wilson(passed: int, cases: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of a share (Wilson 1927); (0, 1) without cases."""
    if cases == 0:
        return 0.0, 1.0
    z, share = 1.959964, passed / cases
    middle = (share + z * z / (2 * cases)) / (1 + z * z / cases)
    half = z * ((share * (1 - share) + z * z / (4 * cases)) / cases) ** 0.5 / (1 + z * z / cases)
    return max(0.0, middle - half), min(1.0, middle + half)


def percentile(values: list[float], share: float) -> float | None:
    """The value below which `share` of the values lie (nearest rank); None for none."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
