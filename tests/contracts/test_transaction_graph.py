"""TransactionGraph: one set of transfers gets the same answers and the same alerts in this process and at Neo4j."""

from __future__ import annotations

import itertools
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.errors import InputError
from desk.fraud.amlsim import read_transfers
from desk.fraud.graph import (
    DAY,
    DeviceUse,
    Filed,
    Links,
    Ownership,
    Traded,
    Transfer,
    columns_of,
    extend_columns,
)
from desk.fraud.local import LocalGraph
from desk.fraud.neo4j import Neo4jGraph, Neo4jGraphs
from desk.fraud.neo4j_book import Neo4jBook
from desk.fraud.neo4j_server import Neo4jServer
from desk.fraud.patterns import scan
from desk.fraud.world import build_world
from tests.desk.fraud.worlds import END, pay

DATA = Path(os.environ.get("TENOR_TEST_DATA", "../shared/data")) / "amlsim"
START = datetime(2022, 3, 1, tzinfo=UTC)
books = (f"test-{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def make(request, neo4j):
    """Graphs of one back end: columns in, an open graph out."""
    if request.param == "embedded":
        yield LocalGraph
        return
    server = Neo4jServer(neo4j().url, *neo4j().login)
    Neo4jGraphs(server, "unused")

    def build(columns):
        book = Neo4jBook(server, next(books))
        book.hold(columns)
        return Neo4jGraph(book)

    yield build
    server.close()


both = pytest.mark.parametrize(
    "make", ["embedded", pytest.param("neo4j", marks=pytest.mark.service)], indirect=True, scope="module"
)
real = pytest.mark.parametrize(
    "make", [pytest.param("neo4j", marks=pytest.mark.service)], indirect=True, scope="module"
)


def moved(source: str, target: str, minor: int, day: float, id: str = "") -> Transfer:
    at = START + timedelta(seconds=int(day * DAY))
    return Transfer(id or f"{source}{target}{minor}{day}", source, target, minor, "USD", at)


def moves(graph, rows, keep, seconds):
    before, after = graph.steps(rows, keep, np.full(len(graph.columns), seconds, dtype=np.int64))
    return list(zip(before.tolist(), after.tolist(), strict=True))


def plain(c):
    """The steps of up to three days that keep nine tenths, one pair after the other."""
    pairs = [(a, b) for a in range(len(c)) for b in range(len(c)) if c.target[a] == c.source[b]]
    fit = [(a, b) for a, b in pairs if 0.9 <= c.minor[b] / c.minor[a] <= 1.0]
    return [(a, b) for a, b in fit if 0 < c.at[b] - c.at[a] <= 3 * DAY]


RING = [moved("a", "b", 900, 1), moved("b", "c", 890, 2), moved("c", "a", 880, 3)]


@both
def test_no_transfers_no_answers(make):
    graph = make(columns_of([]))
    nothing = np.zeros(0, dtype=np.int64)
    assert len(graph.columns) == 0
    for flags in (graph.out_of_character(2.5, 6.0), graph.repeated(), graph.new_edges(DAY)):
        assert flags.tolist() == []
    assert [side.tolist() for side in graph.steps(nothing, (0.9, 1.0), nothing)] == [[], []]
    assert graph.components(nothing) == scan(graph) == []


@both
def test_rows_come_by_time_then_as_given(make):
    rows = [moved("b", "c", 2, 1, "z"), moved("a", "b", 1, 1, "y"), moved("c", "a", 3, 0, "x")]
    columns = make(columns_of(rows)).columns
    assert columns.ids == ("x", "z", "y")
    assert columns.accounts == ("a", "b", "c")
    assert [columns.accounts[code] for code in columns.source] == ["c", "b", "a"]
    assert (columns.minor.tolist(), columns.currency) == ([3, 2, 1], "USD")


@both
def test_a_payment_out_of_character_is_told_from_its_senders_usual_ones(make):
    rows = [moved("a", "b", 100 + n, n) for n in range(6)] + [moved("a", "c", 5_000, 7), moved("d", "a", 90, 8)]
    assert make(columns_of(rows)).out_of_character(2.5, 6.0).nonzero()[0].tolist() == [6]


@both
def test_repeats_are_of_one_pair_at_one_instant(make):
    rows = [moved("a", "b", 1, 1), moved("a", "b", 2, 1), moved("b", "a", 3, 1), moved("a", "b", 4, 2)]
    assert make(columns_of(rows)).repeated().tolist() == [True, True, False, False]


@both
def test_an_edge_is_new_for_a_while_unless_its_reverse_was_paid(make):
    rows = [moved("a", "b", 1, 0), moved("a", "b", 2, 3), moved("a", "b", 3, 9), moved("b", "a", 4, 9.5)]
    rows += [moved("e", "e", 5, 10), moved("e", "e", 6, 10.5)]
    assert make(columns_of(rows)).new_edges(5 * DAY).tolist() == [True, True, False, False, True, False]


@both
def test_steps_and_components(make):
    graph = make(columns_of([*RING, moved("x", "y", 5, 4)]))
    rows = np.arange(4)
    assert moves(graph, rows, (0.9, 1.0), 2 * DAY) == [(0, 1), (1, 2)]
    assert moves(graph, rows, (0.9, 1.0), DAY - 1) == moves(graph, rows, (0.995, 1.0), 2 * DAY) == []
    within = np.array([0, 0, DAY, 0])
    assert [side.tolist() for side in graph.steps(rows, (0.9, 1.0), within)] == [[1], [2]]
    assert [group.tolist() for group in graph.components(rows)] == [[0, 1, 2], [3]]
    assert [group.tolist() for group in graph.components(rows[[0, 2, 3]])] == [[0, 2], [3]]


@both
def test_what_is_appended_is_there_once(make):
    graph = make(columns_of(RING))
    late = [moved("q", "a", 7, 1, "same-instant"), moved("c", "q", 8, 9)]
    assert (graph.append([*late, RING[0]]), graph.append(late)) == (2, 0)
    want = columns_of([*RING, *late])
    assert (graph.columns.ids, graph.columns.accounts) == (want.ids, want.accounts)
    for left, right in ((graph.columns.source, want.source), (graph.columns.target, want.target)):
        assert left.tolist() == right.tolist()
    assert graph.repeated().tolist() == LocalGraph(want).repeated().tolist()
    with pytest.raises(InputError, match="another content"):
        graph.append([late[0]._replace(minor=9), moved("n", "m", 1, 20)])
    with pytest.raises(InputError, match="USD and EUR"):
        graph.append([moved("n", "m", 1, 20)._replace(currency="EUR")])
    assert graph.columns.ids == want.ids


@both
def test_people_devices_trades_and_filings_stand_around_the_accounts(make):
    graph = make(columns_of(RING))
    buy = Traded("f1", "a", "XNAS:AAPL", "buy", 10, 1_800_00, "USD", 5)
    graph.link(Links(owners=(Ownership("ann", "a", 1), Ownership("ann", "b", 2)), devices=(DeviceUse("d", "a", 3),)))
    graph.link(Links(trades=(buy,), filings=(Filed("k8", "XNAS:AAPL", "8-K", 6),), owners=(Ownership("ann", "a", 1),)))
    assert graph.links == Links(
        owners=(Ownership("ann", "a", 1), Ownership("ann", "b", 2)),
        devices=(DeviceUse("d", "a", 3),),
        trades=(buy,),
        filings=(Filed("k8", "XNAS:AAPL", "8-K", 6),),
    )
    with pytest.raises(InputError, match="'f1'"):
        graph.link(Links(trades=(buy._replace(side="sell"),)))
    assert graph.links.trades == (buy,)
    assert len(graph.columns) == 3


@real
def test_a_book_is_read_back_as_it_was_given(make):
    graph = make(columns_of([*RING, moved("b", "a", 7, 1, "tie")]))
    graph.link(Links(devices=(DeviceUse("d", "nobody-paid-me", 3),)))
    again = Neo4jGraph(graph.book)
    assert again.columns.ids == graph.columns.ids == (RING[0].id, "tie", RING[1].id, RING[2].id)
    assert again.links == graph.links
    assert again.columns.minor.tolist() == graph.columns.minor.tolist()


@real
def test_a_book_becomes_exactly_what_it_should_hold(make):
    graph = make(columns_of([*RING, moved("x", "y", 5, 4), moved("u", "v", 6, 1)]))
    want = columns_of([moved("u", "v", 6, 1), RING[0]._replace(minor=901), *RING[1:]])
    graph.book.hold(want)
    stored = graph.book.read()
    assert (stored.ids, stored.accounts, stored.minor.tolist()) == (want.ids, want.accounts, want.minor.tolist())


SMALL = st.lists(
    st.tuples(
        st.sampled_from("abcdef"), st.sampled_from("abcdef"), st.sampled_from([1, 99, 100, 250, 251]), st.integers(0, 9)
    ),
    max_size=24,
)


@real
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=SMALL, split=st.integers(0, 24))
def test_any_small_graph_gets_the_same_answers(make, drawn, split):
    rows = [moved(a, b, minor, day, f"t{n}") for n, (a, b, minor, day) in enumerate(drawn)]
    near, far = LocalGraph(columns_of(rows[:split])), make(columns_of(rows[:split]))
    near.append(rows[split:])
    far.append(rows[split:])
    fresh = columns_of(rows)
    assert near.columns.ids == far.columns.ids == fresh.ids
    assert near.columns.source.tolist() == fresh.source.tolist()
    assert far.out_of_character(2.5, 6.0).tolist() == near.out_of_character(2.5, 6.0).tolist()
    assert far.repeated().tolist() == near.repeated().tolist()
    for since in (0, 2 * DAY):
        assert far.new_edges(since).tolist() == near.new_edges(since).tolist()
    every = np.arange(len(rows))
    assert moves(far, every, (0.9, 1.0), 3 * DAY) == moves(near, every, (0.9, 1.0), 3 * DAY) == plain(fresh)
    assert [g.tolist() for g in far.components(every)] == [g.tolist() for g in near.components(every)]
    assert scan(far) == scan(near)
    far.book.drop()


@real
def test_the_demonstration_gets_the_same_alerts(make):
    columns = columns_of(build_world(20221228, 240, 120, END))
    alerts = scan(make(columns))
    assert alerts == scan(LocalGraph(columns))
    assert {"cycle", "structuring"} <= {alert.typology for alert in alerts if alert.score >= 0.75}


@real
@pytest.mark.parametrize("file", ["20K_fanin200.tgz", "20K_cycle200.tgz"])
def test_the_samples_get_the_same_alerts_and_ranks(make, file):
    if not DATA.is_dir():
        pytest.skip(f"needs the AMLSim samples in {DATA}")
    columns = read_transfers(DATA / file).columns
    graph = make(columns)
    alerts = scan(graph)
    assert alerts == scan(LocalGraph(columns))
    assert len(alerts) > 100
    assert np.corrcoef(graph.pagerank(), power_iteration(columns))[0, 1] > 0.999
    graph.book.drop()


def power_iteration(columns, damping: float = 0.85, iterations: int = 20):
    """PageRank as published, one link a transfer; the rank of accounts that pay nobody goes to all."""
    n = len(columns.accounts)
    links = np.bincount(columns.source, minlength=n)
    rank = np.full(n, 1 / n)
    for _ in range(iterations):
        given = np.divide(rank, links, out=np.zeros(n), where=links > 0)
        arrived = np.bincount(columns.target, weights=given[columns.source], minlength=n)
        rank = (1 - damping) / n + damping * (arrived + rank[links == 0].sum() / n)
    return rank


@real
def test_the_measures_are_those_of_the_literature(make):
    columns = columns_of(build_world(5, 90, 40, END))
    graph = make(columns)
    rank = graph.pagerank()
    assert rank.sum() == pytest.approx(1)
    assert np.corrcoef(rank, power_iteration(columns, iterations=100))[0, 1] > 0.999999
    plain = nx.DiGraph(zip(columns.source.tolist(), columns.target.tolist(), strict=True))
    exact = nx.betweenness_centrality(plain, normalized=False)
    assert graph.betweenness(samples=1_000) == pytest.approx([exact[node] for node in range(len(columns.accounts))])


@real
def test_communities_are_the_groups_that_pay_each_other(make):
    names = [*"abcd"], [*"wxyz"]
    rows = [
        moved(one, other, 5, n) for group in names for n, (one, other) in enumerate(itertools.permutations(group, 2))
    ]
    found = make(columns_of([*rows, moved("a", "z", 5, 20)])).communities()
    assert sorted(np.bincount(found).tolist()) == [4, 4]
    assert len(set(found[:4].tolist())) == 1


def test_extending_is_the_same_as_reading_all_at_once():
    rows = [pay("a", "b", 5, END), pay("c", "a", 6, END - timedelta(days=1)), pay("b", "d", 7, END)]
    for cut in range(4):
        extended, whole = extend_columns(columns_of(rows[:cut]), rows[cut:]), columns_of(rows)
        assert (extended.ids, extended.accounts, extended.currency) == (whole.ids, whole.accounts, whole.currency)
        assert extended.target.tolist() == whole.target.tolist()
        assert extended.source.dtype == whole.source.dtype
