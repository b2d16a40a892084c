"""Paths, the longest gap of a hop, and pairs of senders: each against a plain search on small random graphs."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations, pairwise

import numpy as np
import pytest

from desk.fraud.chance import Rates, habits_of, hop_chance, longest_gaps
from desk.fraud.graph import DAY, build_columns
from desk.fraud.hops import Hops, follow
from desk.fraud.layers import _pairs

SEEDS = pytest.mark.parametrize("seed", range(6))


def drawn(dice, edges=24, accounts=7):
    """A small graph of random transfers, none to oneself."""
    source = dice.integers(0, accounts, edges)
    target = (source + dice.integers(1, accounts, edges)) % accounts
    at = np.sort(dice.integers(0, 60 * DAY, edges))
    minor = dice.integers(1_00, 900_00, edges)
    return build_columns([f"t{n:02}" for n in range(edges)], list(map(str, source)), list(map(str, target)), minor, at)


def hops_of(c, dice):
    """Every pair of rows of which one ends where the other begins, with a random chance."""
    pairs = [(a, b) for a in range(len(c)) for b in range(len(c)) if a != b and c.target[a] == c.source[b]]
    before, after = np.array(pairs, dtype=np.int64).T
    return Hops(before, after, -dice.uniform(0, 2, len(pairs)))


def search(c, hops, lengths, most):
    """All paths by depth: no account twice, a ring ends."""
    onward = defaultdict(list)
    for before, after, chance in zip(*hops, strict=True):
        onward[int(before)].append((int(after), float(chance)))
    found = set()

    def walk(path, chance):
        if lengths[0] <= len(path) and chance <= most:
            found.add(tuple(path))
        visited = {int(c.source[row]) for row in path}
        if len(path) == lengths[1] or int(c.target[path[-1]]) in visited:
            return
        for row, more in onward[path[-1]]:
            if int(c.target[row]) not in visited | {int(c.source[row])} or c.target[row] == c.source[path[0]]:
                walk([*path, row], chance + more)

    for row in range(len(c)):
        walk([row], 0.0)
    return found


@SEEDS
@pytest.mark.parametrize(("lengths", "most"), [((2, 3), -1.5), ((3, 5), -4.0), ((3, 5), -6.5), ((4, 4), 0.0)])
def test_followed_paths_are_those_of_a_search_of_all(seed, lengths, most):
    dice = np.random.default_rng(seed)
    c = drawn(dice)
    hops = hops_of(c, dice)
    found = follow(c, hops, lengths, most)
    rows = [tuple(path) for paths in found for path in paths.rows.tolist()]
    assert len(rows) == len(set(rows))
    assert set(rows) == search(c, hops, lengths, most)
    chances = {(before, after): chance for before, after, chance in zip(*map(np.ndarray.tolist, hops), strict=True)}
    for paths in found:
        summed = [sum(chances[pair] for pair in pairwise(path)) for path in paths.rows.tolist()]
        assert paths.chance == pytest.approx(summed)


@SEEDS
def test_the_longest_gap_is_the_last_second_that_chance_does_not_explain(seed):
    dice, keep = np.random.default_rng(seed), (0.87, 1.0)
    edges = 40
    c = drawn(dice, edges, accounts=4)
    habits = habits_of(c)
    rates = Rates(dice.integers(0, 60, 4), np.ones(4, dtype=np.int64), int(dice.integers(20, 400)) * DAY, edges)
    gaps = longest_gaps(c, habits, rates, np.arange(edges), keep)
    assert gaps.any()
    for row, gap in enumerate(gaps.tolist()):

        def judged(seconds, row=row):
            at = np.zeros(edges + 1, dtype=np.int64)
            at[row] = seconds
            begun = build_columns(
                [*c.ids, "z"],
                [c.accounts[n] for n in [*c.source, c.source[row]]],
                [c.accounts[n] for n in [*c.target, c.target[row]]],
                np.append(c.minor, c.minor[row]),
                at,
            )
            place = {id: number for number, id in enumerate(begun.ids)}
            pair = np.array([place["z"]]), np.array([place[c.ids[row]]])
            return float(hop_chance(begun, habits, rates, *pair, keep)[0])

        assert gap == 0 or judged(gap) < 0
        if gap < rates.seconds:
            assert judged(max(gap + 1, DAY // 4)) == 0


@SEEDS
def test_pairs_are_all_that_are_strong_enough_together(seed):
    dice = np.random.default_rng(seed)
    c = drawn(dice, 40, 6)
    rows = np.lexsort((c.at, c.target))
    weight = dice.uniform(0, 3, len(rows))
    ends = np.searchsorted(c.target[rows], c.target[rows], side="right")
    together = 14.0
    one, two, key = _pairs(c, rows, weight, (np.arange(len(rows)) + 1, ends), together)
    wanted: dict[int, set[tuple[int, int]]] = defaultdict(set)
    sums: dict[int, float] = defaultdict(float)
    for a, b in combinations(range(len(rows)), 2):
        senders = sorted((int(c.source[rows[a]]), int(c.source[rows[b]])))
        if c.target[rows[a]] == c.target[rows[b]] and senders[0] != senders[1]:
            sums[senders[0] * len(c.accounts) + senders[1]] += weight[a] + weight[b]
            wanted[senders[0] * len(c.accounts) + senders[1]].add((a, b))
    strong = {pair for pair in sums if sums[pair] >= together}
    assert 0 < len(strong) < len(sums)
    assert set(key.tolist()) == strong
    assert set(zip(one.tolist(), two.tolist(), strict=True)) == {row for pair in strong for row in wanted[pair]}
