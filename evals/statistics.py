"""What a difference is worth: intervals by bootstrap over cases, pass^k, paired tests, and the sentence they come to.

Everything is seeded: the same numbers give the same interval. A case is the unit; trials of one case are not
independent and are summed up first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb
from typing import NamedTuple, TypeVar

import numpy as np

Drawn = TypeVar("Drawn")
LEVEL = 0.95
RESAMPLES = 2000
SEED = 20_221_228
MATTERS = 0.05
"""A difference counts when chance alone gives one as large less often than this."""


class Interval(NamedTuple):
    """Both ends of an interval, in the unit of what was measured."""

    low: float
    high: float


def bootstrap(values: Sequence[float], level: float = LEVEL, resamples: int = RESAMPLES) -> Interval:
    """The BCa interval of the mean (Efron 1987), one value a case.

    All values equal give that value twice; no values raise ValueError. Few values of a share near 0 or 1 give an
    interval that is too short: `evals.dataset.wilson` is for those.
    """
    from scipy.special import ndtr, ndtri  # the normal distribution without a second of scipy.stats

    data = np.asarray(values, dtype=float)
    if data.size == 0:
        raise ValueError("no values, no interval")
    mean, size = data.mean(), data.size
    if np.ptp(data) == 0:
        return Interval(float(mean), float(mean))
    draws = np.random.default_rng(SEED).integers(0, size, (resamples, size))
    means = data[draws].mean(axis=1)
    below = ((means < mean).sum() + 0.5 * (means == mean).sum()) / resamples
    bias = ndtri(np.clip(below, 1 / resamples, 1 - 1 / resamples))
    apart = mean - (data.sum() - data) / (size - 1)  # mean of the jack-knife means is the mean itself
    apart /= max(float(np.abs(apart).max()), np.finfo(float).tiny)  # the ratio has no unit; tiny values keep theirs
    spread = float((apart**2).sum())
    bend = float((apart**3).sum()) / (6 * spread**1.5) if spread > 0 else 0.0
    points = bias + ndtri(np.array([(1 - level) / 2, (1 + level) / 2]))
    low, high = np.quantile(means, ndtr(bias + points / (1 - bend * points)))
    return Interval(float(low), float(high))


def bootstrap_of(
    cases: Sequence[Drawn], measure: Callable[[list[Drawn]], dict[str, float | None]], resamples: int = 300
) -> dict[str, Interval]:
    """The percentile interval of every metric of `measure`, by drawing whole cases.

    A metric that more than half of the draws cannot give is left out. No cases raise ValueError.
    """
    if not cases:
        raise ValueError("no cases, no interval")
    random = np.random.default_rng(SEED)
    found: dict[str, list[float]] = {}
    for _ in range(resamples):
        drawn = measure([cases[at] for at in random.integers(0, len(cases), len(cases))])
        for name, value in drawn.items():
            if value is not None:
                found.setdefault(name, []).append(value)
    ends = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    return {
        name: Interval(*(float(end) for end in np.quantile(values, ends)))
        for name, values in found.items()
        if 2 * len(values) >= resamples
    }


def pass_hat(passes: Sequence[int], trials: int, k: int) -> float:
    """pass^k: how likely k fresh trials of a case all pass, mean over cases.

    Per case the unbiased estimate C(passes, k) / C(trials, k) (tau-bench, Yao et al. 2024). `passes` of each case
    are 0 to `trials`. ValueError for k outside 1 to `trials`, or for no cases.
    """
    if not 1 <= k <= trials or not passes:
        raise ValueError(f"pass^{k} wants 1 to {trials} trials and at least one case")
    return float(sum(comb(count, k) for count in passes) / comb(trials, k) / len(passes))


def mcnemar(fixed: int, broken: int) -> float:
    """The two-sided exact McNemar test: how often a fair coin splits the cases that changed as unevenly, or more.

    `fixed` failed before and pass now, `broken` the other way round. 1 when nothing changed.
    """
    changed = fixed + broken
    tail = sum(comb(changed, count) for count in range(min(fixed, broken) + 1))
    return float(min(1.0, 2 * tail / 2**changed))


def worse_by_chance(fixed: int, broken: int) -> float:
    """One-sided: how often a fair coin breaks at least as many of the cases that changed."""
    changed = fixed + broken
    return float(sum(comb(changed, count) for count in range(broken, changed + 1)) / 2**changed)


@dataclass(frozen=True)
class Paired:
    """Two runs over the same cases: B minus A. `p` is None for scores, where the interval speaks."""

    cases: int
    delta: float
    low: float
    high: float
    p: float | None
    fixed: int
    broken: int

    @property
    def verdict(self) -> str:
        """One sentence."""
        if not self.differs:
            changed = self.fixed + self.broken
            seen = f"{changed} of {self.cases} cases changed" if changed else "no case changed its verdict"
            return f"No difference that chance could not make: {seen}."
        word = "better" if self.delta > 0 else "worse"
        ways = f"{self.fixed} cases fixed, {self.broken} broken"
        return f"B is {word} by {abs(self.delta) * 100:.1f} points ({ways}); chance alone is unlikely to do this."

    @property
    def differs(self) -> bool:
        """Whether more than chance is at work: the exact test, else the interval without 0."""
        return self.p < MATTERS if self.p is not None else self.low > 0 or self.high < 0


def compare_passes(before: Sequence[bool], after: Sequence[bool]) -> Paired:
    """Verdicts of the same cases in two runs, in the same order: exact McNemar. ValueError when none or uneven."""
    apart = _apart([float(one) for one in before], [float(one) for one in after])
    fixed, broken = sum(each > 0 for each in apart), sum(each < 0 for each in apart)
    low, high = bootstrap(apart)
    return Paired(len(apart), sum(apart) / len(apart), low, high, mcnemar(fixed, broken), fixed, broken)


def compare_scores(before: Sequence[float], after: Sequence[float]) -> Paired:
    """Scores of the same cases in two runs, in the same order: paired bootstrap. ValueError when none or uneven."""
    apart = _apart(before, after)
    low, high = bootstrap(apart)
    fixed, broken = sum(each > 0 for each in apart), sum(each < 0 for each in apart)
    return Paired(len(apart), sum(apart) / len(apart), low, high, None, fixed, broken)


def _apart(before: Sequence[float], after: Sequence[float]) -> list[float]:
    return [late - early for early, late in zip(before, after, strict=True)]
