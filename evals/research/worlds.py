"""Made-up markets whose truth is known: without any edge, or with one planted for an arm to find.

`python -m evals.research.worlds [--worlds N] [--planted N] [--first SEED]` tells how often an arm is promoted where
none deserves it, and how often the right one is where one does. Kinds and strengths were set on the seeds below 1,000;
figures are reported on seeds from 1,000 on.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from desk.experiments.arms import ARMS
from desk.experiments.closes import Closes
from desk.experiments.forecasters import compare
from desk.forecast.features import Vector
from desk.forecast.registry import Registry
from desk.instruments import Instrument
from desk.market.history import History

TRAINING, WINDOW = 1_008, 2_016
DAYS = TRAINING + WINDOW
REPORTED = 1_000
"""The first seed that figures are reported on."""
DAILY = 0.012
TREND = ("momentum", "moving_average", "smoothing")


def flat(dice: np.random.Generator) -> Vector:
    """Normal days without drift."""
    return dice.normal(0.0, DAILY, DAYS)


def rising(dice: np.random.Generator) -> Vector:
    """Normal days that drift up by ten percent a year."""
    return dice.normal(0.0004, DAILY, DAYS)


def heavy(dice: np.random.Generator) -> Vector:
    """Days with heavy tails (t with four degrees of freedom) that drift up."""
    return np.asarray(0.0003 + DAILY * dice.standard_t(4, DAYS) / np.sqrt(2.0))


def clustered(dice: np.random.Generator) -> Vector:
    """Days whose size comes in clusters (GARCH 1,1; Bollerslev 1986), without drift."""
    days, variance = np.empty(DAYS), DAILY**2
    for day, shock in enumerate(dice.standard_normal(DAYS).tolist()):
        days[day] = np.sqrt(variance) * shock
        variance = 0.04 * DAILY**2 + 0.08 * days[day] ** 2 + 0.88 * variance
    return days


WITHOUT: dict[str, Callable[[np.random.Generator], Vector]] = {
    "flat": flat,
    "rising": rising,
    "heavy": heavy,
    "clustered": clustered,
}


def lagged(dice: np.random.Generator) -> Vector:
    """Each day goes on with a part of the day before the last: a line sees it."""
    days, shocks = np.zeros(DAYS), dice.normal(0.0, DAILY, DAYS)
    for day in range(2, DAYS):
        days[day] = shocks[day] + 0.25 * days[day - 2]
    return days


def curved(dice: np.random.Generator) -> Vector:
    """Two days after a large move either way it goes up, after a small one down: no line sees it."""
    days, shocks = np.zeros(DAYS), dice.normal(0.0, DAILY, DAYS)
    for day in range(2, DAYS):
        days[day] = shocks[day] + 0.3 * DAILY * (1.0 if abs(days[day - 2]) > 0.7 * DAILY else -1.0)
    return days


def trending(dice: np.random.Generator) -> Vector:
    """Drifts up or down that last for a year or more."""
    days, day = dice.normal(0.0, DAILY, DAYS), 0
    sign = dice.choice([-1.0, 1.0])
    while day < DAYS:
        length = int(dice.integers(250, 500))
        days[day : day + length] += sign * 0.2 * DAILY
        day, sign = day + length, -sign
    return days


def springy(dice: np.random.Generator) -> Vector:
    """A price that is pulled back to a wandering value, half of the way in three days."""
    value, away, prices = 0.0, 0.0, np.empty(DAYS + 1)
    for day in range(DAYS + 1):
        value += dice.normal(0.0, 0.3 * DAILY)
        away = 0.8 * away + dice.normal(0.0, DAILY)
        prices[day] = value + away
    return np.diff(prices)


PLANTED: dict[str, tuple[tuple[str, ...], Callable[[np.random.Generator], Vector]]] = {
    "lagged": (("ridge", "naive", "xgboost"), lagged),
    "curved": (("xgboost",), curved),
    "trending": (TREND, trending),
    "springy": (("mean_reversion", "ridge", "xgboost"), springy),
    "told": (("sentiment",), flat),
}
"""Kind: the arms that are right (several where the same edge is seen by all of them), and the days."""
TOLD = 0.3
"""How many deviations a day with news goes the way of the news two days before, in the worlds `told`."""


def build_world(kind: str, seed: int, instrument: Instrument) -> Closes:
    """The closes of a world; the moods of its news are noise but in `told`."""
    dice = np.random.default_rng((seed, *kind.encode()))
    days = (WITHOUT.get(kind) or PLANTED[kind][1])(dice)
    moods = np.where(dice.random(DAYS) < 0.6, dice.uniform(-1.0, 1.0, DAYS), np.nan)
    if kind == "told":
        days += _moved(moods)
    closes = 100 * np.exp(np.cumsum(days))
    begin = date(2000, 1, 3)
    return Closes(instrument, [begin + timedelta(round(day * 1.45)) for day in range(DAYS)], closes, WINDOW, moods)


def _moved(moods: Vector) -> Vector:
    """What the news moves: the running mood (a fifth new each day with news), two days on."""
    state, found = 0.0, np.zeros(DAYS)
    for day, mood in enumerate(moods.tolist()):
        if np.isfinite(mood):
            state += 0.2 * (mood - state)
        if day + 2 < DAYS:
            found[day + 2] = TOLD * DAILY * np.sign(state)
    return found


def promoted(kind: str, seed: int, instrument: Instrument) -> str:
    """The arm that wins in a world; empty for none."""
    study = compare(build_world(kind, seed, instrument), Registry())
    return study.selection.winner or ""


def main() -> int:
    """Prints one JSON object: per kind how many worlds, and who won how often."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--worlds", type=int, default=50, help="of each kind without an edge")
    parser.add_argument("--planted", type=int, default=40, help="of each kind with one")
    parser.add_argument("--first", type=int, default=REPORTED)
    args = parser.parse_args()
    stock = History().instruments.get("XNAS:AAPL")
    told: dict[str, dict[str, int]] = {}
    for kind in (*WITHOUT, *PLANTED):
        count = args.worlds if kind in WITHOUT else args.planted
        winners = Counter(promoted(kind, args.first + n, stock) for n in range(count))
        told[kind] = dict(winners)
        sys.stderr.write(f"{kind}: {told[kind]}\n")
    worlds, false = args.worlds * len(WITHOUT), sum(n for k in WITHOUT for who, n in told[k].items() if who)
    right = {k: sum(told[k].get(arm, 0) for arm in PLANTED[k][0]) for k in PLANTED}
    body = {"arms": list(ARMS), "worlds": worlds, "promoted": false, "planted": args.planted, "right": right}
    sys.stdout.write(json.dumps({**body, "winners": told}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
