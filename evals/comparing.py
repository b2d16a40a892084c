"""Two runs of a suite over the same cases: what changed, and whether chance could have done it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from desk.errors import InputError
from evals.dataset import CaseResult, Origin, SuiteResult
from evals.statistics import compare_passes, compare_scores


class View(BaseModel):
    """Base of what a comparison holds."""

    model_config = ConfigDict(frozen=True)


class Tested(View):
    """B minus A over the shared cases, with a 95 % interval. `p`: exact McNemar, None for scores."""

    delta: float
    low: float
    high: float
    p: float | None
    differs: bool
    verdict: str


class MetricChange(View):
    """One metric on both sides; `delta` is None when a side lacks it."""

    metric: str
    a: float | None
    b: float | None
    delta: float | None


class Flip(View):
    """A case whose verdict changed; reasons are empty on the side that passed."""

    id: str
    fixed: bool
    a_reason: str
    b_reason: str


class Comparison(View):
    """A against B. `notes`: what else differs between the two. `costly`: the costly error on both sides."""

    suite: str
    a: Origin | None
    b: Origin | None
    cases: int
    passed: Tested
    score: Tested
    costly: MetricChange | None
    costly_means: str
    flipped: tuple[Flip, ...]
    metrics: tuple[MetricChange, ...]
    cost_usd: MetricChange
    p50_ms: MetricChange
    notes: tuple[str, ...]


def compare(a: SuiteResult, b: SuiteResult) -> Comparison:
    """InputError for runs of two suites, or without a case in common."""
    if a.suite != b.suite:
        raise InputError(f"runs of two suites cannot be compared: {a.suite} and {b.suite}")
    before = {case.id: case for case in a.cases_detail}
    pairs = [(before[case.id], case) for case in b.cases_detail if case.id in before]
    if not pairs:
        raise InputError(f"the two runs of {a.suite} share no case")
    passes = compare_passes([one.passed for one, _ in pairs], [two.passed for _, two in pairs])
    scores = compare_scores([one.score for one, _ in pairs], [two.score for _, two in pairs])
    costly = b.costly or a.costly
    names = {**a.metrics, **b.metrics}
    metrics = tuple(_change(name, a.metrics.get(name), b.metrics.get(name)) for name in names)
    return Comparison(
        suite=a.suite,
        a=a.origin,
        b=b.origin,
        cases=len(pairs),
        passed=Tested(
            p=passes.p, **_ends(passes.delta, passes.low, passes.high), **_said(passes.differs, passes.verdict)
        ),
        score=Tested(p=None, **_ends(scores.delta, scores.low, scores.high), **_said(scores.differs, scores.verdict)),
        costly=next((each for each in metrics if costly and each.metric == costly.metric), None),
        costly_means=costly.means if costly else "",
        flipped=tuple(_flip(one, two) for one, two in pairs if one.passed != two.passed),
        metrics=metrics,
        cost_usd=_change("cost_usd", a.cost_usd, b.cost_usd),
        p50_ms=_change("p50_ms", a.p50_ms, b.p50_ms),
        notes=tuple(_notes(a, b, len(pairs))),
    )


def comparison_text(found: Comparison) -> str:
    """For a terminal: the delta first."""
    ends = f"{found.passed.low * 100:+.1f} to {found.passed.high * 100:+.1f}"
    p = "" if found.passed.p is None else f", p = {found.passed.p:.3g}"
    lines = [f"{found.passed.delta * 100:+.1f} points ({ends}{p}) over {found.cases} cases", found.passed.verdict]
    if found.costly is not None:
        lines.append(f"costly error: {_line(found.costly)} ({found.costly_means})")
    lines += [_line(found.cost_usd), _line(found.p50_ms), *found.notes]
    for flip in found.flipped:
        word, reason = ("fixed ", flip.a_reason) if flip.fixed else ("BROKEN", flip.b_reason)
        lines.append(f"{word} {flip.id:36} {reason}")
    return "\n".join([*lines, "", *(_line(each) for each in found.metrics if each.delta)])


def _ends(delta: float, low: float, high: float) -> dict[str, float]:
    return {"delta": round(delta, 6), "low": round(low, 6), "high": round(high, 6)}


def _said(differs: bool, verdict: str) -> dict[str, bool | str]:
    return {"differs": differs, "verdict": verdict}


def _change(metric: str, a: float | None, b: float | None) -> MetricChange:
    delta = None if a is None or b is None else round(b - a, 6)
    return MetricChange(metric=metric, a=a, b=b, delta=delta)


def _flip(a: CaseResult, b: CaseResult) -> Flip:
    return Flip(id=a.id, fixed=b.passed, a_reason=a.reason, b_reason=b.reason)


def _line(change: MetricChange) -> str:
    delta = "" if change.delta is None else f" ({change.delta:+.4g})"
    return f"{change.metric}: {_shown(change.a)} -> {_shown(change.b)}{delta}"


def _shown(value: float | None) -> str:
    return "none" if value is None else f"{value:.4g}"


def _notes(a: SuiteResult, b: SuiteResult, shared: int) -> list[str]:
    notes = []
    alone = len(a.cases_detail) + len(b.cases_detail) - 2 * shared
    if alone:
        notes.append(f"{alone} cases stand in one run only and are left out of the tests.")
    if a.origin and b.origin:
        for name, words in (("model", "model"), ("prompts", "prompts"), ("trials", "trials")):
            one, two = getattr(a.origin, name), getattr(b.origin, name)
            if one != two:
                notes.append(f"{words}: {_named(one)} -> {_named(two)}")
        for name, words in (("cases", "cases"), ("code", "code"), ("prompt_texts", "texts of the prompts")):
            if getattr(a.origin, name) != getattr(b.origin, name):
                notes.append(f"The {words} differ between the runs.")
    return notes


def _named(value: object) -> str:
    return ", ".join(value) or "the newest" if isinstance(value, tuple) else str(value or "plans, no model")
