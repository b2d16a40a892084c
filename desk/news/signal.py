"""News as a signal: what headlines and posts known at a moment say of one asset, its trend, and whether news bursts.

Score: the rules' scores of headlines, weighted by source and by age (half as much after `HALF_LIFE_DAYS`), with one
neutral headline of weight 1 beside them, so that little or old news says little. Near copies of a headline count once.
Trend: the weighted least-squares line through the scores of the window. Burst: a count of the last days that is too
large for the rate before, by the Gamma-Poisson tail with Jeffreys' prior (Gelman et al. 2013, 2.6), which knows that
a rate from few days is unsure. All by knowledge time: what becomes known later changes nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Literal, NamedTuple

from desk.news.feed import Headline

HALF_LIFE_DAYS = 7.0
WINDOW = timedelta(days=28)
RECENT = timedelta(days=2)
"""The days in which a burst is looked for; the rest of the window is what is usual."""

SOURCE_WEIGHTS = {
    "reuters": 1.0,
    "bloomberg": 1.0,
    "financial times": 1.0,
    "associated press": 1.0,
    "tenor demonstration wire": 1.0,
    "tenor demonstration posts": 0.4,
    "x": 0.4,
}
OTHER_WEIGHT = 0.7
"""A feed that the table does not name."""

SAME, SAME_WITHIN = 0.6, timedelta(days=3)
"""Two titles whose words overlap by this share (Jaccard) within so long are one story."""

SURE_BURST, LEAST_BURST = 0.01, 3
SURE_TREND, LEAST_TREND = 2.0, 5
_WORD = re.compile(r"[^\W_]+")

Direction = Literal["rising", "falling", "flat", "too little news"]


@dataclass(frozen=True)
class Said:
    """One headline's share in a signal: its score in [-1, 1], the source's weight, and how many near copies it had."""

    headline: Headline
    score: float
    weight: float
    copies: int


class Trend(NamedTuple):
    """Change of the score a week, and its t-value; None where too little news is there."""

    direction: Direction
    week: float | None
    t: float | None


class Burst(NamedTuple):
    """Headlines of the last `RECENT` days, as many as were usual, and the chance of so many without anything new."""

    seen: int
    usual: float
    chance: float
    bursting: bool


@dataclass(frozen=True)
class Signal:
    """`score` in [-1, 1], 0 without news; `weight` is the weight of news behind it; `evidence` the heaviest first."""

    score: float
    weight: float
    trend: Trend
    burst: Burst
    evidence: tuple[Said, ...]


def source_weight(source: str) -> float:
    """The table's weight of a source, whatever its case."""
    return SOURCE_WEIGHTS.get(source.casefold(), OTHER_WEIGHT)


class _Story:
    """A headline as first known, and how often it was told again."""

    def __init__(self, first: Headline, words: frozenset[str]) -> None:
        self.first, self.words, self.copies = first, words, 0

    def covers(self, words: frozenset[str]) -> bool:
        return words == self.words or len(words & self.words) >= SAME * len(words | self.words)


def _since(stories: list[_Story], moment: datetime) -> Iterator[_Story]:
    """The newest first, back to the moment."""
    return takewhile(lambda story: story.first.known >= moment, reversed(stories))


def first_tellings(headlines: Sequence[Headline]) -> list[tuple[Headline, int]]:
    """Each story once, as first known, oldest first, with the number of its near copies."""
    stories: list[_Story] = []
    for item in sorted(headlines, key=lambda each: (each.known, each.id)):
        words = frozenset(_WORD.findall(item.title.casefold()))
        since = item.known - SAME_WITHIN
        same = next((story for story in _since(stories, since) if story.covers(words)), None)
        if same is None:
            stories.append(_Story(item, words))
        else:
            same.copies += 1
    return [(story.first, story.copies) for story in stories]


def read_signal(said: Sequence[Said], now: datetime, tests: int = 1) -> Signal:
    """The signal at `now` of what was known then; what is older than the window or later is left out.

    `tests` signals are looked at beside this one: a burst must be that much surer (Bonferroni).
    """
    seen = [each for each in said if timedelta(0) <= now - each.headline.known < WINDOW]
    weights = [each.weight * _decay(now - each.headline.known) for each in seen]
    total = math.fsum(weights)
    score = math.fsum(w * each.score for w, each in zip(weights, seen, strict=True)) / (total + 1.0)
    order = sorted(range(len(seen)), key=lambda n: (-abs(weights[n] * seen[n].score), seen[n].headline.id))
    evidence = tuple(seen[n] for n in order)
    return Signal(score, total, _trend(seen), _burst(seen, now, tests), evidence)


def _decay(age: timedelta) -> float:
    return float(0.5 ** (age / timedelta(days=HALF_LIFE_DAYS)))


def _trend(seen: Sequence[Said]) -> Trend:
    """The weighted line through the scores; its error is that of the scatter around it."""
    if len(seen) < LEAST_TREND:
        return Trend("too little news", None, None)
    begin = min(each.headline.known for each in seen)
    days = [(each.headline.known - begin) / timedelta(days=7) for each in seen]
    total = math.fsum(each.weight for each in seen)
    middle = math.fsum(each.weight * day for each, day in zip(seen, days, strict=True)) / total
    mean = math.fsum(each.weight * each.score for each in seen) / total
    spread = math.fsum(each.weight * (day - middle) ** 2 for each, day in zip(seen, days, strict=True))
    if spread < 1e-9:
        return Trend("too little news", None, None)
    lean = math.fsum(each.weight * (day - middle) * each.score for each, day in zip(seen, days, strict=True)) / spread
    left = math.fsum(
        each.weight * (each.score - mean - lean * (day - middle)) ** 2 for each, day in zip(seen, days, strict=True)
    )
    error = math.sqrt(max(left / (len(seen) - 2) / spread, 1e-12))
    t = lean / error
    direction: Direction = "flat" if abs(t) < SURE_TREND else "rising" if lean > 0 else "falling"
    return Trend(direction, lean, t)


def _burst(seen: Sequence[Said], now: datetime, tests: int) -> Burst:
    count = sum(now - each.headline.known < RECENT for each in seen)
    share = RECENT / (WINDOW - RECENT)
    before = len(seen) - count
    chance = tail_chance(count, before, share)
    return Burst(count, before * share, chance, count >= LEAST_BURST and chance < SURE_BURST / tests)


def tail_chance(count: int, before: int, share: float) -> float:
    """The chance of `count` or more in a stretch that is `share` of an earlier one in which there were `before`.

    Negative binomial with `before` + 1/2 successes: a Poisson count whose rate is known from the earlier stretch alone.
    """
    shape, odds = before + 0.5, share / (1.0 + share)
    term, below = (1.0 - odds) ** shape, 0.0
    for n in range(count):
        below += term
        term *= (shape + n) / (n + 1) * odds
    return max(0.0, 1.0 - below)
