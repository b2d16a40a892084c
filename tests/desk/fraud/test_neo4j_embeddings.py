"""FastRP at a real Neo4j server: rows of the accounts, the same for a seed, and near where accounts pay each other."""

from __future__ import annotations

import numpy as np
import pytest

from desk.fraud.graph import columns_of
from desk.fraud.neo4j import Neo4jGraph, Neo4jGraphs
from desk.fraud.neo4j_book import Neo4jBook
from desk.fraud.neo4j_server import Neo4jServer
from tests.desk.fraud.worlds import END, pay

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def server(neo4j):
    process = neo4j()
    opened = Neo4jServer(process.url, *process.login)
    Neo4jGraphs(opened, "unused")
    yield opened
    opened.close()


def two_towns():
    """Two groups of twelve accounts; everybody pays everybody of the own group, and one payment joins both."""
    names = [[f"{town}{number:02d}" for number in range(12)] for town in "AB"]
    paid = [pay(a, b, 100 + n, END) for town in names for n, a in enumerate(town) for b in town if a != b]
    return columns_of([*paid, pay("A00", "B00", 50, END)])


def held(server, name, columns):
    book = Neo4jBook(server, name)
    book.hold(columns)
    return Neo4jGraph(book, columns)


def test_rows_are_the_same_for_a_seed_and_tell_the_towns_apart(server):
    columns = two_towns()
    graph = held(server, "towns", columns)
    rows = graph.embeddings(16, seed=7)
    assert rows.shape == (24, 16)
    assert np.array_equal(rows, graph.embeddings(16, seed=7))
    assert not np.allclose(rows, graph.embeddings(16, seed=8))
    town = np.array([name[0] for name in columns.accounts])
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    likeness = unit @ unit.T
    same = town[:, None] == town[None, :]
    assert likeness[same].mean() > likeness[~same].mean() + 0.3


def test_no_transfers_give_no_rows(server):
    assert held(server, "nothing", columns_of([])).embeddings(16).shape == (0, 16)
