"""Cases: JSON Lines with the fields that outside tools use (id, input, target, metadata)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from desk.errors import InputError

CASES = Path(__file__).parent / "cases"


class Identified(BaseModel):
    """What every case has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, max_length=100)


class Case(Identified):
    """One question with what a right answer must have."""

    input: str
    user: str = "analyst"
    target: dict[str, JsonValue]
    metadata: dict[str, JsonValue] = {}


class NamedCase(Identified):
    """A question and the names of what is right: agents, entries."""

    input: str
    target: tuple[str, ...]
    metadata: dict[str, JsonValue] = {}


AnyCase = TypeVar("AnyCase", bound=Identified)


class CaseResult(BaseModel):
    """How one case went; `reason` says what was wrong, empty when it passed.

    `costly`: it made the suite's costly error. `notes`: what the suite's metrics are counted from. `trace`: how the
    answer came about, of a case that failed. With trials the case passed when all did; `ms` is their mean.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    passed: bool
    score: float
    reason: str
    ms: float
    cost_usd: float
    costly: bool = False
    trials: int = 1
    passes: int | None = None
    notes: dict[str, JsonValue] = {}
    trace: dict[str, JsonValue] | None = None


class CostlyError(BaseModel):
    """The error that costs most, named beside accuracy; `cases` made it, where the suite can say which."""

    model_config = ConfigDict(frozen=True)

    metric: str
    means: str
    value: float | None
    low: float | None = None
    high: float | None = None
    higher_is_better: bool = False
    cases: tuple[str, ...] = ()


class Origin(BaseModel):
    """What a result came from: hashes of cases, prompts and code, the model ("" for plans), prompts chosen.

    `expected`: results there will be, 0 when that is not known before.
    """

    model_config = ConfigDict(frozen=True)

    run: str = ""
    started_at: str = ""
    data: str = ""
    cases: str
    model: str
    prompts: tuple[str, ...]
    prompt_texts: str
    code: str
    trials: int = 1
    expected: int = 0


class Calibration(BaseModel):
    """A judge against people on `n` of their labelled answers: agreement, and Cohen's kappa with its 95 % interval."""

    model_config = ConfigDict(frozen=True)

    data: str
    n: int
    unreadable: int
    agreement: float | None
    kappa: float
    kappa_low: float
    kappa_high: float
    cost_usd: float = 0.0


class JudgeReport(BaseModel):
    """What a model as judge said of a suite's answers, apart from its verdicts. `poor`: id and why."""

    model_config = ConfigDict(frozen=True)

    model: str
    calibration: Calibration
    n: int
    unreadable: int
    good: float | None
    good_low: float
    good_high: float
    poor: tuple[tuple[str, str], ...]
    cost_usd: float


class SuiteResult(BaseModel):
    """How a suite went; a metric that these cases cannot give is None.

    `intervals` (95 %) by metric, and of the share that `passed`; `pass_hat`: pass^k by k.
    """

    model_config = ConfigDict(frozen=True)

    suite: str
    cases: int
    passed: int
    failed: int
    metrics: dict[str, float | None]
    cases_detail: tuple[CaseResult, ...]
    intervals: dict[str, tuple[float, float]] = {}
    costly: CostlyError | None = None
    pass_hat: dict[int, float] = {}
    cost_usd: float = 0.0
    p50_ms: float | None = None
    p95_ms: float | None = None
    origin: Origin | None = None
    judge: JudgeReport | None = None


def load_cases(path: Path) -> list[Case]:
    """Reads cases; InputError names the file, line and field that is wrong, or that the file is empty."""
    return read_cases(path, Case, lambda _: None)


def read_cases(path: Path, form: type[AnyCase], check: Callable[[AnyCase], None]) -> list[AnyCase]:
    """Reads cases of one form, each looked at by `check`, which raises InputError.

    InputError names the file, line and field that is wrong (an id that came before too), or that the file is empty.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputError(f"cannot read cases from {path}: {error.strerror}") from None
    cases: list[AnyCase] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            case = form.model_validate(json.loads(line))
            check(case)
            if case.id in seen:
                raise InputError(f"id: {case.id!r} stands in line {seen[case.id]} already")
        except (ValueError, InputError) as error:
            raise InputError(f"{path.name} line {number} is not a case: {_fault(error)}") from None
        seen[case.id] = number
        cases.append(case)
    if not cases:
        raise InputError(f"{path} holds no cases")
    return cases


def _fault(error: Exception) -> str:
    """What is wrong, the field first."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc'])) or 'the line'}: {first['msg']}"
    if isinstance(error, json.JSONDecodeError):
        return f"no JSON from character {error.pos + 1} on ({error.msg})"
    return str(error).splitlines()[0]


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


def share(part: float, whole: float) -> float | None:
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


def number(notes: dict[str, JsonValue], name: str) -> float:
    """A note that is a number."""
    return float(str(notes[name]))


def percentile(values: list[float], share: float) -> float | None:
    """The value below which `share` of the values lie (nearest rank); None for none."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
