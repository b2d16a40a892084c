"""Strategies as pure functions: what was seen and remembered in, a wish out. No clock, no desk, no text.

A wish is a share of the most the bot may hold: 1 all of it, 0 nothing, -1 all of it short. Which
instrument, which side and how many units follow from the bot's settings and this one number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from desk.errors import InputError, NotFound

MOST_WEIGHT = 0.4
"""No single source of sentiment counts for more than this share of the whole."""

Memory = Mapping[str, float]


class Signal(NamedTuple):
    """One source's mood about an instrument: `score` in [-1, 1] (clamped), `weight` above 0."""

    source: str
    score: float
    weight: float


class Seen(NamedTuple):
    """What a strategy is shown: closes in ticks of finished bars, oldest first, and moods."""

    closes: Sequence[int]
    signals: Sequence[Signal] = ()


class Wish(NamedTuple):
    """The share wanted, what to remember, why in words, and how much each input moved it."""

    share: float
    memory: Memory
    why: str
    influence: Mapping[str, float] = {}


class Parameters(BaseModel):
    """Base of every strategy's parameters: bounded numbers, unknown names refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Cross(Parameters):
    """Two moving averages, in bars."""

    fast: int = Field(default=5, ge=1, le=120, description="bars of the quick average")
    slow: int = Field(default=20, ge=2, le=200, description="bars of the slow average")
    short: bool = Field(default=False, description="go short below, instead of out")

    @model_validator(mode="after")
    def _ordered(self) -> Cross:
        if self.fast >= self.slow:
            raise ValueError(f"fast ({self.fast}) must be below slow ({self.slow})")
        return self


class Momentum(Parameters):
    """The price against itself some bars ago."""

    lookback: int = Field(default=15, ge=1, le=200, description="bars looked back")
    threshold_bps: float = Field(default=5.0, ge=0, le=1_000, description="how far it must have moved")
    short: bool = Field(default=False, description="go short after a fall, instead of out")


class Reversion(Parameters):
    """How many standard deviations the price stands from its mean."""

    window: int = Field(default=30, ge=5, le=200, description="bars of mean and deviation")
    entry: float = Field(default=2.0, ge=0.5, le=6, description="deviations at which all of it is held")
    exit: float = Field(default=0.5, ge=0, le=3, description="deviations within which nothing is held")
    short: bool = Field(default=False, description="sell short above the mean")


class Breakout(Parameters):
    """The highest and lowest close of a window (Donchian)."""

    window: int = Field(default=20, ge=2, le=200, description="bars of the channel in")
    leave: int = Field(default=10, ge=1, le=200, description="bars of the channel out")


class Tilt(Parameters):
    """The mood of the news, held in proportion, bounded by source."""

    gain: float = Field(default=1.0, ge=0, le=2, description="share held at the strongest mood")
    threshold: float = Field(default=0.2, ge=0, le=1, description="weaker moods count as none")


@dataclass(frozen=True)
class Strategy:
    """One entry of the registry. `warm` is how many finished bars it needs before it may wish."""

    name: str
    title: str
    about: str
    parameters: type[Parameters]
    warm: Callable[[Parameters], int]
    wish: Callable[[Seen, Memory, Parameters], Wish]


def _cross(seen: Seen, memory: Memory, given: Parameters) -> Wish:
    assert isinstance(given, Cross)
    fast, slow = (sum(seen.closes[-n:]) / n for n in (given.fast, given.slow))
    share = 1.0 if fast > slow else -1.0 if given.short and fast < slow else 0.0
    return Wish(share, memory, f"average of {given.fast} bars {fast:.1f}, of {given.slow} bars {slow:.1f} ticks")


def _momentum(seen: Seen, memory: Memory, given: Parameters) -> Wish:
    assert isinstance(given, Momentum)
    before, now = seen.closes[-1 - given.lookback], seen.closes[-1]
    moved = (now / before - 1) * 10_000
    share = 1.0 if moved > given.threshold_bps else -1.0 if given.short and moved < -given.threshold_bps else 0.0
    return Wish(share, memory, f"moved {moved:+.1f} bps in {given.lookback} bars")


def _reversion(seen: Seen, memory: Memory, given: Parameters) -> Wish:
    assert isinstance(given, Reversion)
    window = seen.closes[-given.window :]
    mean = sum(window) / len(window)
    deviation = sqrt(sum((close - mean) ** 2 for close in window) / len(window))
    away = (seen.closes[-1] - mean) / deviation if deviation else 0.0
    held = memory.get("share", 0.0)
    if abs(away) >= given.entry:
        held = -1.0 if away > 0 else 1.0
    elif abs(away) <= given.exit:
        held = 0.0
    share = max(held, -1.0 if given.short else 0.0)
    return Wish(share, {"share": share}, f"{away:+.2f} deviations from the mean of {given.window} bars")


def _breakout(seen: Seen, memory: Memory, given: Parameters) -> Wish:
    assert isinstance(given, Breakout)
    now, before = seen.closes[-1], seen.closes[:-1]
    top, floor = max(before[-given.window :]), min(before[-given.leave :])
    share = 1.0 if now > top else 0.0 if now < floor else memory.get("share", 0.0)
    return Wish(share, {"share": share}, f"close {now}, channel {floor} to {top} ticks")


def _tilt(seen: Seen, memory: Memory, given: Parameters) -> Wish:
    assert isinstance(given, Tilt)
    influence = weigh(seen.signals)
    mood = sum(influence.values())
    share = min(1.0, given.gain * mood) if mood >= given.threshold else 0.0
    return Wish(
        share, memory, f"mood {mood:+.2f} of {len(influence)} source{'' if len(influence) == 1 else 's'}", influence
    )


def weigh(signals: Sequence[Signal]) -> dict[str, float]:
    """What each source adds to the mood in [-1, 1]: scores clamped, no source above `MOST_WEIGHT` of the whole.

    Empty without signals. With few sources the mood stays weak: a single one moves it 0.4 at most.
    """
    weights: dict[str, float] = {}
    scores: dict[str, float] = {}
    for signal in signals:
        if not (signal.weight > 0 and signal.score == signal.score):  # a number that is none counts nothing
            continue
        score, weight = max(-1.0, min(1.0, signal.score)), min(signal.weight, 1e6)
        scores[signal.source] = scores.get(signal.source, 0.0) + score * weight
        weights[signal.source] = weights.get(signal.source, 0.0) + weight
    whole = sum(weights.values())
    return {
        source: scores[source] / weights[source] * min(MOST_WEIGHT, weights[source] / whole)
        for source in sorted(weights)
    }


def _plus(*names: str) -> Callable[[Parameters], int]:
    return lambda given: max(int(getattr(given, name)) for name in names) + 1


STRATEGIES: Mapping[str, Strategy] = {
    strategy.name: strategy
    for strategy in (
        Strategy("sma_cross", "Moving-average cross", "Holds while the quick average is above the slow one.",
                 Cross, _plus("slow"), _cross),
        Strategy("momentum", "Momentum", "Holds what has risen more than a threshold over the lookback.",
                 Momentum, _plus("lookback"), _momentum),
        Strategy("mean_reversion", "Mean reversion", "Buys far below the mean and leaves near it.",
                 Reversion, _plus("window"), _reversion),
        Strategy("breakout", "Channel breakout", "Buys a new high of the channel, leaves at a new low (Donchian).",
                 Breakout, _plus("window", "leave"), _breakout),
        Strategy("sentiment_tilt", "Sentiment tilt", "Holds in proportion to the mood of the news, each source capped.",
                 Tilt, lambda _: 1, _tilt),
    )
}  # fmt: skip
"""All there are, by name. Only these may trade under a mandate."""


def get_strategy(name: str) -> Strategy:
    """The strategy; NotFound names those there are."""
    try:
        return STRATEGIES[name]
    except KeyError:
        raise NotFound(f"strategy {name[:64]!r} is not known; there are: {', '.join(STRATEGIES)}") from None


def read_parameters(strategy: Strategy, given: Mapping[str, JsonValue]) -> Parameters:
    """The parameters, validated; InputError names the first that is wrong."""
    try:
        return strategy.parameters.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or strategy.name
        raise InputError(f"parameter {where} of {strategy.name}: {first['msg']}") from None
