"""What the verdicts of closed cases say of the levels from which alerts are raised: a bounded step, or none, with why.

Per typology the share of alerts that officers confirm is a Beta posterior of a flat prior: with c confirmed and f
cleared, Beta(1 + c, 1 + f). A level is the score an alert must reach; a hundredth of it is a factor e in the false
alarms that chance would raise (`Thresholds.score_of`). Only cases closed by two with a verdict count.

- Up, when the precision is below the target with probability `sure`: by at most `most_step`, to the level that is best
  for the posterior's mean among those that keep `recall_floor` of all cases ever confirmed. No step when none is
  better: scores do not tell these apart.
- Down by `least_step`, when the precision is above the target with probability `surer`, counting what was cleared
  between the two levels too.
- Neither without `least` verdicts since the typology's last step, nor beyond `lowest` and `highest`. The lowest is the
  shipped level: verdicts say nothing of what was never shown, so they only take back what verdicts raised.

A step here is an opinion: `versions.py` says who must agree before it counts, and how it is undone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from desk.fraud.typologies import TITLES


@dataclass(frozen=True)
class Policy:
    """The bounds of a step; scores and shares between 0 and 1."""

    target: float = 0.9
    sure: float = 0.8
    surer: float = 0.95
    least: int = 8
    recall_floor: float = 0.95
    most_step: float = 0.03
    least_step: float = 0.01
    lowest: float = 0.75
    highest: float = 0.9


POLICY = Policy()


class Judged(NamedTuple):
    """A case that two officers closed with a verdict: how it scored, and when they did."""

    case: str
    typology: str
    score: float
    confirmed: bool
    at: str


class Counted(NamedTuple):
    """Verdicts of alerts that reach a level, and the mean of the posterior of their precision."""

    confirmed: int
    cleared: int
    precision: float


class LevelStep(NamedTuple):
    """What the verdicts say of one typology. `after` equals `before` where they ask for nothing; `why` says why.

    `new`: verdicts since its last step. `recall`: of all cases ever confirmed, the share that reaches `after`.
    """

    typology: str
    before: float
    after: float
    then: Counted
    now: Counted
    new: int
    recall: float
    why: str


def weigh(
    verdicts: Iterable[Judged],
    levels: Mapping[str, float],
    usual: float,
    moved: Mapping[str, str],
    policy: Policy = POLICY,
) -> list[LevelStep]:
    """For each typology with verdicts, by name, what they say of its level (`usual` where `levels` has none).

    `moved`: when each typology's level last changed.
    """
    by: dict[str, list[Judged]] = defaultdict(list)
    for one in verdicts:
        by[one.typology].append(one)
    return [
        _weigh_one(kind, by[kind], levels.get(kind, usual), moved.get(kind, ""), policy)
        for kind in sorted(by)
        if kind in TITLES
    ]


def _weigh_one(kind: str, judged: Sequence[Judged], level: float, moved: str, policy: Policy) -> LevelStep:
    new, now = sum(one.at > moved for one in judged), count(judged, level)
    after, why = level, ""
    if new < policy.least:
        why = f"{new} verdicts since its last step; {policy.least} are needed"
    else:
        below = chance_below(now, policy.target)
        after, why = _up(judged, level, policy) if below >= policy.sure else _down(judged, level, policy)
    return LevelStep(kind, level, after, now, count(judged, after), new, recall_at(judged, after), why)


def _up(judged: Sequence[Judged], level: float, policy: Policy) -> tuple[float, str]:
    choices = [round(level + n / 100, 2) for n in range(1, round(100 * policy.most_step) + 1)]
    choices = [one for one in choices if one <= policy.highest and recall_at(judged, one) >= policy.recall_floor]
    best = max([level, *choices], key=lambda one: (count(judged, one).precision, -one))
    if best == level:
        return level, f"precision is below {policy.target:.0%}, but no level within the bounds tells these apart"
    return best, f"precision is below {policy.target:.0%} with a probability of at least {policy.sure:.0%}"


def _down(judged: Sequence[Judged], level: float, policy: Policy) -> tuple[float, str]:
    lower = round(level - policy.least_step, 2)
    if lower < policy.lowest:
        return level, "precision is not below the target, and verdicts cannot speak for a lower level than this"
    if 1 - chance_below(count(judged, lower), policy.target) < policy.surer:
        return level, f"precision may well be {policy.target:.0%}: no step either way"
    return lower, f"precision is above {policy.target:.0%} with a probability of at least {policy.surer:.0%}"


def count(judged: Iterable[Judged], level: float) -> Counted:
    """The verdicts of alerts that reach a level."""
    reach = [one.confirmed for one in judged if one.score >= level]
    confirmed, cleared = sum(reach), len(reach) - sum(reach)
    return Counted(confirmed, cleared, round((1 + confirmed) / (2 + confirmed + cleared), 4))


def recall_at(judged: Iterable[Judged], level: float) -> float:
    """Of the confirmed cases, the share that reaches a level; 1 when none was confirmed."""
    scores = [one.score for one in judged if one.confirmed]
    return round(sum(score >= level for score in scores) / len(scores), 4) if scores else 1.0


def chance_below(counted: Counted, target: float) -> float:
    """The probability that the precision is below the target."""
    from scipy.special import betainc

    return float(betainc(1 + counted.confirmed, 1 + counted.cleared, target))
