"""Measures against their twin, networkx and graphs whose values are known; a hub of a million transfers."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.errors import InputError
from desk.fraud.graph import Columns
from desk.fraud.measures import (
    HUB,
    MOST_LINKS,
    betweenness,
    build_rows,
    communities,
    components,
    count_motifs,
    native_ranking,
    pagerank,
    rank,
)

edges = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), min_size=1, max_size=60)


def graph(pairs, accounts=12):
    source, target = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    count = len(pairs)
    return Columns(
        tuple(map(str, range(accounts))),
        tuple(map(str, range(count))),
        source,
        target,
        np.ones(count, dtype=np.int64),
        np.arange(count),
    )


@given(edges, st.sampled_from([0.0, 0.5, 0.85, 1.0]), st.integers(0, 30))
def test_kernel_and_twin_rank_alike(pairs, damping, iterations):
    if not native_ranking():
        pytest.skip("desk._core is absent")
    rows = build_rows(graph(pairs))
    one, two = (rank(rows, damping, iterations, native) for native in (True, False))
    assert np.allclose(one, two, rtol=1e-6, atol=1e-12)
    assert one.sum() == pytest.approx(1, abs=1e-6)


@given(edges)
def test_ranks_are_those_of_networkx(pairs):
    whole = nx.MultiDiGraph(pairs)
    whole.add_nodes_from(range(12))
    wanted = nx.pagerank(whole, alpha=0.85, tol=1e-12, max_iter=500)
    assert np.allclose(pagerank(graph(pairs), iterations=200), [wanted[node] for node in range(12)], atol=1e-6)


@given(edges)
def test_betweenness_from_every_account_is_that_of_networkx(pairs):
    whole = nx.DiGraph(pairs)
    whole.add_nodes_from(range(12))
    wanted = nx.betweenness_centrality(whole, normalized=False)
    assert np.allclose(betweenness(graph(pairs), pivots=12), [wanted[node] for node in range(12)])


@given(edges)
def test_components_are_those_of_networkx(pairs):
    whole = nx.DiGraph(pairs)
    whole.add_nodes_from(range(12))
    labels = components(graph(pairs))
    groups = {tuple(np.flatnonzero(labels == label)) for label in set(labels.tolist())}
    assert groups == {tuple(sorted(group)) for group in nx.weakly_connected_components(whole)}
    assert labels[0] == 0


def test_communities_are_cliques_joined_by_one_payment():
    cliques = [(a + base, b + base) for base in (0, 6) for a in range(6) for b in range(6) if a != b]
    labels = communities(graph([*cliques, (0, 6)]))
    assert labels.tolist() == [0] * 6 + [1] * 6
    assert communities(graph([], 0)).tolist() == []
    many = graph(np.stack([np.arange(MOST_LINKS + 1), np.arange(1, MOST_LINKS + 2)], axis=1), MOST_LINKS + 2)
    with pytest.raises(InputError, match="200,001 pairs"):
        communities(many)


@given(edges)
def test_motifs_are_those_counted_one_by_one(pairs):
    links = {(a, b) for a, b in pairs if a != b}
    found = count_motifs(graph(pairs))
    for a in range(12):
        through = [(b, c) for one, b in links if one == a for two, c in links if two == b]
        assert found.forward[a] == sum((a, c) in links for _, c in through)
        assert found.rings[a] == sum((c, a) in links for _, c in through)
        assert found.mutual[a] == sum((b, a) in links for one, b in links if one == a)


def test_a_hub_is_left_out_of_motifs():
    wheel = [(0, spoke) for spoke in range(1, HUB + 1)] + [(1, 2), (2, 0)]
    assert sum(map(sum, count_motifs(graph(wheel, HUB + 1)))) == 0
    assert count_motifs(graph([(0, 1), (1, 2), (2, 0)], 3)).rings.tolist() == [1, 1, 1]


def test_a_hub_of_a_million_transfers_is_ranked():
    count = 1_000_000
    spokes = np.arange(1, count + 1)
    hub = graph(np.stack([spokes, np.zeros(count, dtype=np.int64)], axis=1), count + 1)
    ranks = pagerank(hub)
    assert ranks[0] == ranks.max()
    assert ranks[0] > 0.4
    assert ranks.sum() == pytest.approx(1, abs=1e-6)
    assert components(hub).max() == 0
    assert betweenness(hub, pivots=2).max() == 0


def test_nothing_gives_nothing_and_wrong_numbers_are_refused():
    empty = graph([], 0)
    assert len(pagerank(empty)) == len(components(empty)) == len(betweenness(empty)) == 0
    for damping, iterations in ((1.5, 20), (-0.1, 20), (0.85, -1), (0.85, 1001)):
        with pytest.raises(InputError, match="damping is 0 to 1"):
            pagerank(graph([(0, 1)]), damping, iterations)


def test_the_kernel_refuses_rows_that_do_not_fit():
    core = pytest.importorskip("desk._core")
    rows = build_rows(graph([(0, 1), (1, 2), (2, 0)], 3))
    out = np.zeros(3)
    beyond = rows.sources.copy()
    beyond[0] = 9
    backwards = rows.starts.copy()
    backwards[1] = 3
    for starts, sources in ((rows.starts, beyond), (backwards, rows.sources), (rows.starts[:-1], rows.sources)):
        with pytest.raises(ValueError, match="that fit"):
            core.rank_rows(starts.data, sources.data, rows.slots.data, rows.shares.data, 0.85, 20, out.data)
