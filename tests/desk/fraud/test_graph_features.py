"""What is learned on one graph finds the same pattern in another; ids and order of transfers say nothing."""

import numpy as np

from desk.fraud.boosting import learn
from desk.fraud.graph import DAY, build_columns
from desk.fraud.graph_features import NAMES, graph_features


def world(seed, accounts=400, rings=16):
    """Random payments, and rings of three that hand on five times the usual amount."""
    dice = np.random.default_rng(seed)
    source, target = dice.integers(0, accounts, (2, 6 * accounts))
    minor = np.rint(np.exp(dice.normal(9, 0.6, len(source)))).astype(np.int64)
    members = dice.permutation(accounts)[: 3 * rings].reshape(rings, 3)
    at = dice.integers(0, 100 * DAY, len(source) + members.size)
    amounts = np.concatenate([minor, np.rint(np.exp(dice.normal(10.6, 0.2, members.size))).astype(np.int64)])
    sources = [*map(str, source), *map(str, members.ravel())]
    targets = [*map(str, target), *map(str, np.roll(members, -1, axis=1).ravel())]
    columns = build_columns([str(n) for n in range(len(amounts))], sources, targets, amounts, at)
    guilty = set(map(str, members.ravel()))
    return columns, np.array([name in guilty for name in columns.accounts])


def test_rings_are_found_in_a_graph_that_was_not_learned_from():
    (known, labels), (fresh, truth) = world(1), world(2)
    model = learn(graph_features(known), labels, rounds=60)
    flagged = model.probabilities(graph_features(fresh)) > model.threshold
    assert (flagged & truth).sum() / truth.sum() > 0.6
    assert (flagged & truth).sum() / flagged.sum() > 0.6


def test_features_do_not_depend_on_names():
    columns, _ = world(3)
    renamed = build_columns(
        columns.ids,
        [f"z{9_999 - int(columns.accounts[row])}" for row in columns.source],
        [f"z{9_999 - int(columns.accounts[row])}" for row in columns.target],
        columns.minor,
        columns.at,
    )
    here = dict(zip(columns.accounts, graph_features(columns), strict=True))
    there = dict(zip(renamed.accounts, graph_features(renamed), strict=True))
    assert graph_features(columns).shape == (len(columns.accounts), len(NAMES))
    for name, row in here.items():
        assert np.allclose(row, there[f"z{9_999 - int(name)}"], rtol=1e-5)


def test_no_account_gives_no_row():
    nothing = np.zeros(0, dtype=np.int64)
    assert graph_features(build_columns([], [], [], nothing, nothing)).shape == (0, len(NAMES))
