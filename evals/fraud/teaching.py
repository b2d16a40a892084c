"""Levels that follow verdicts, played through on seeded worlds: what a step brings in precision and costs in recall.

A desk starts from given levels. Each round it meets one more world, two officers close every alert with a verdict (from
the labels: confirmed when at least half of its accounts are in a plant; a share of them wrong if asked), and the step
that `desk.fraud.feedback` proposes is taken. Then the levels before and after meet worlds that nobody judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from desk.fraud.alerts import Alert
from desk.fraud.feedback import Judged, weigh
from desk.fraud.local import LocalGraph
from desk.fraud.patterns import scan
from desk.fraud.thresholds import STANDARD
from evals.fraud.scoring import Tally
from evals.fraud.worlds import World

HALF = 0.5


@dataclass(frozen=True)
class Taught:
    """Levels after all rounds; `steps` are typology, before and after in the order they were taken."""

    levels: dict[str, float]
    steps: tuple[tuple[str, float, float], ...]
    verdicts: int


def teach(worlds: Sequence[World], levels: Mapping[str, float], wrong: float = 0.0, seed: int = 7) -> Taught:
    """One round a world; `wrong` is the share of verdicts that say the opposite of the label."""
    rng, now = np.random.default_rng(seed), dict(levels)
    verdicts: list[Judged] = []
    moved: dict[str, str] = {}
    steps = []
    for number, world in enumerate(worlds):
        at = f"{number:04}"
        for alert in shown(world, now):
            confirmed = is_planted(world, alert) != (rng.random() < wrong)
            verdicts.append(Judged(f"{at}-{alert.id}", alert.typology, alert.score, confirmed, at))
        for step in weigh(verdicts, now, STANDARD.report_from, moved):
            if step.after != step.before:
                now[step.typology], moved[step.typology] = step.after, at
                steps.append((step.typology, step.before, step.after))
    return Taught(now, tuple(steps), len(verdicts))


def shown(world: World, levels: Mapping[str, float]) -> list[Alert]:
    """The alerts that a desk with these levels shows."""
    rules = STANDARD.at(levels)
    return [a for a in scan(LocalGraph(world.columns), rules) if a.score >= rules.level_of(a.typology)]


def is_planted(world: World, alert: Alert) -> bool:
    """Whether at least half of an alert's accounts are in a plant."""
    names = world.columns.accounts
    planted = {names[account] for plant in world.plants for account in plant.accounts}
    return len(planted & set(alert.accounts)) >= HALF * len(alert.accounts)


def measure(worlds: Sequence[World], levels: Mapping[str, float]) -> Tally:
    """What these levels find in worlds that nobody judged."""
    tally = Tally()
    for world in worlds:
        tally.add(world, shown(world, levels))
    return tally
