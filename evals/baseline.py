"""The committed baseline, and what of a run is worse than it: the regression gate.

A run is worse when, over the cases that both know, more broke than were fixed and a fair coin would do that less often
than 5 in 100 (exact, one-sided), or when the headline metric lies below its baseline interval. The costly error is held
harder: the agents are deterministic without a model, so any more of it is a regression, however few cases made it. A
case whose route came late (`notes.late`: the machine was too busy for the sentence model) counts for neither.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError

from desk.errors import InputError
from evals.dataset import CostlyError, SuiteResult
from evals.statistics import MATTERS, worse_by_chance

BASELINE = Path(__file__).parent / "baseline.json"
HEADLINE = {
    "smoke": "pass_rate",
    "routing": "accuracy",
    "knowledge": "right_rate",
    "sentiment": "accuracy",
    "tools_local": "accuracy",
}
"""The metric that is held to its interval; of other suites the share that passed."""

NAMED = 8
"""Cases that a sentence names."""


class Entry(BaseModel):
    """What one suite came to when the baseline was written. `model`: "" for the agents' plans."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    suite: str
    metric: str
    value: float | None
    low: float | None
    high: float | None
    costly: CostlyError | None
    model: str
    hash_of_cases: str
    passed: tuple[str, ...]
    failed: tuple[str, ...]


class Baseline(RootModel[tuple[Entry, ...]]):
    """All suites of the gate."""

    def of(self, suite: str) -> Entry:
        """InputError for a suite without an entry."""
        for entry in self.root:
            if entry.suite == suite:
                return entry
        raise InputError(f"the baseline has no suite {suite}; `tenor evals run {suite} --renew` adds it")


def load_baseline(path: Path = BASELINE) -> Baseline:
    """InputError for a file that cannot be read or is no baseline."""
    try:
        return Baseline.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InputError(f"cannot read the baseline {path}: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(f"{path.name} is no baseline: {place}: {first['msg']}") from None


def entry_of(result: SuiteResult) -> Entry:
    """The entry that this result would be."""
    metric = HEADLINE.get(result.suite, "passed")
    low, high = result.intervals.get(metric) or result.intervals.get("passed") or (None, None)
    return Entry(
        suite=result.suite,
        metric=metric,
        value=result.metrics.get(metric, result.passed / max(1, result.cases)),
        low=low,
        high=high,
        costly=result.costly,
        model=result.origin.model if result.origin else "",
        hash_of_cases=result.origin.cases if result.origin else "",
        passed=tuple(case.id for case in result.cases_detail if case.passed),
        failed=tuple(case.id for case in result.cases_detail if not case.passed),
    )


def renew(path: Path, result: SuiteResult) -> None:
    """Puts this result into the baseline, in place of the suite's entry or after the others; makes the file."""
    entries = list(load_baseline(path).root) if path.exists() else []
    kept = [entry for entry in entries if entry.suite != result.suite]
    made = sorted([*kept, entry_of(result)], key=lambda entry: entry.suite)
    lines = ",\n".join(entry.model_dump_json() for entry in made)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def judge(result: SuiteResult, baseline: Baseline) -> list[str]:
    """Sentences that name metric and cases; empty when nothing is worse.

    InputError for a suite without an entry, or a run with another model than the baseline's.
    """
    entry, now = baseline.of(result.suite), entry_of(result)
    if now.model != entry.model:
        raise InputError(
            f"the baseline of {entry.suite} was written with {entry.model or 'no model'}, "
            f"this run has {now.model or 'no model'}"
        )
    late = {case.id for case in result.cases_detail if case.notes.get("late")}
    broken = [id for id in now.failed if id in entry.passed and id not in late]
    fixed = [id for id in now.passed if id in entry.failed]
    faults = []
    if broken and worse_by_chance(len(fixed), len(broken)) < MATTERS:
        faults.append(f"{entry.suite}: {len(broken)} cases broke and {len(fixed)} were fixed: {_names(broken)}")
    if entry.low is not None and (now.value is None or now.value < entry.low):
        faults.append(
            f"{entry.suite}: {entry.metric} is {now.value}, below {entry.low} to {entry.high} "
            f"around {entry.value}: {_names(broken)}"
        )
    return faults + _costly(entry, now, late)


def _costly(entry: Entry, now: Entry, late: set[str]) -> list[str]:
    before, after = entry.costly, now.costly
    if before is None or before.value is None:
        return []
    value = None if after is None else after.value
    worse = value is None or (value < before.value if before.higher_is_better else value > before.value)
    made = [id for id in after.cases if id not in before.cases] if after else []
    cases = [id for id in made if id not in late]
    if not worse or (made and not cases):
        return []
    return [
        f"{entry.suite}: costly error {before.metric} is {value}, was {before.value} ({before.means}): {_names(cases)}"
    ]


def _names(cases: list[str]) -> str:
    more = f" and {len(cases) - NAMED} more" if len(cases) > NAMED else ""
    return (", ".join(cases[:NAMED]) or "no case of the baseline changed its verdict") + more
