"""A world from its plan: the same plan, the same world."""

from __future__ import annotations

import numpy as np

from evals.fraud.plants import build_plants
from evals.fraud.twins import build_twins
from evals.fraud.worlds import Plan, World, found_town, join, live, seal


def build_world(plan: Plan) -> World:
    """Life, twins and plants of one seed. Life and twins are the same in every variant of it."""
    rng = np.random.default_rng([plan.seed, 1])
    town = found_town(plan, rng)
    life, twins = live(town, rng), build_twins(town, rng)
    parts, plants = build_plants(town, np.random.default_rng([plan.seed, 2]))
    return seal(plan, join([life, *twins, *parts]), plants)
