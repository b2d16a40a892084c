"""The transaction graph at a Neo4j server with Graph Data Science.

The columns are read from the server once. What whole-graph aggregation answers is asked of it:
repeated and new edges in Cypher, components of the whole and the measures by Graph Data Science.
Chains, components of some rows and what is out of character follow from the columns
(docs/adr/0007-neo4j.md says why).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, LiteralString

import numpy as np

from desk.errors import Conflict
from desk.fraud.graph import Columns, Flags, Floats, Ints, Links, Transfer, extend_columns
from desk.fraud.local import LocalGraph, group_rows
from desk.fraud.neo4j_book import Neo4jBook, build_constraints
from desk.fraud.neo4j_links import read_links, write_links
from desk.fraud.neo4j_server import URL, Neo4jServer, Row

if TYPE_CHECKING:
    from graphdatascience import GraphDataScience
    from graphdatascience.graph.graph_api import Graph

    Measure = Callable[[GraphDataScience, Graph, str], object]
    """Writes one property, of the name given, to every node of a projection."""

MOST_STEPS, STILL = 200, 1e-9
"""Of PageRank: when it ends, in steps and in change per account, whose rank is about 1 at the server."""

_REPEATED: LiteralString = """
MATCH (a:Account {book: $book})-[t:TRANSFER]->(b:Account)
WITH a, b, t.at AS at, collect(t.id) AS ids WHERE size(ids) > 1
UNWIND ids AS id RETURN id
"""
_OLD: LiteralString = """
MATCH (a:Account {book: $book})-[t:TRANSFER]->(b:Account)
WITH a, b, min(t.at) AS first, collect(t) AS paid
OPTIONAL MATCH (b)-[r:TRANSFER]->(a)
WITH a, b, first, paid, min(r.at) AS back
UNWIND paid AS t
WITH t, first, back WHERE t.at - first > $since OR back < t.at
RETURN t.id
"""
_WHOLE: LiteralString = """
MATCH (a:Account {book: $book})-[:TRANSFER]->(b:Account)
RETURN gds.graph.project($name, a, b, {}, {undirectedRelationshipTypes: $undirected})
"""
_PAIRS: LiteralString = """
MATCH (a:Account {book: $book})-[:TRANSFER]->(b:Account)
WITH DISTINCT a, b
RETURN gds.graph.project($name, a, b, {}, {undirectedRelationshipTypes: $undirected})
"""


class Neo4jGraph:
    """TransactionGraph over one book of a server, with the measures of Graph Data Science.

    `columns` are what the book is known to hold; it is read when they are not given. Conflict when
    somebody else changed the book since.
    """

    def __init__(self, book: Neo4jBook, columns: Columns | None = None) -> None:
        self.book = book
        self._local = LocalGraph(book.read() if columns is None else columns, read_links(book))

    @property
    def columns(self) -> Columns:
        """See `TransactionGraph.columns`."""
        return self._local.columns

    @property
    def links(self) -> Links:
        """Who owns and uses the accounts, and what they traded."""
        return self._local.links

    def append(self, transfers: Iterable[Transfer]) -> int:
        """Adds transfers and returns how many were new; one that is known already changes nothing.

        InputError for a known id with another content, and for another currency: nothing is added.
        """
        before = set(self.columns.ids)
        columns = extend_columns(self.columns, transfers)
        rows = np.array([row for row, id in enumerate(columns.ids) if id not in before], dtype=np.int64)
        self.book.write(columns, rows)
        self._local = LocalGraph(columns, self.links)
        return len(rows)

    def link(self, links: Links) -> None:
        """Adds to `links`; what is known already changes nothing."""
        self._local.link(links)
        write_links(self.book, links)

    def out_of_character(self, ratio: float, spreads: float) -> Flags:
        """See `TransactionGraph.out_of_character`."""
        return self._local.out_of_character(ratio, spreads)

    def repeated(self) -> Flags:
        """See `TransactionGraph.repeated`."""
        return self._flags(self.book.ask(_REPEATED))

    def new_edges(self, since: int) -> Flags:
        """See `TransactionGraph.new_edges`."""
        return ~self._flags(self.book.ask(_OLD, since=since))

    def steps(self, rows: Ints, keep: tuple[float, float], within: Ints) -> tuple[Ints, Ints]:
        """See `TransactionGraph.steps`."""
        return self._local.steps(rows, keep, within)

    def components(self, rows: Ints) -> list[Ints]:
        """See `TransactionGraph.components`; those of all transfers are found by Graph Data Science."""
        if not len(rows) or len(rows) < len(self.columns):
            return self._local.components(rows)
        group = self._measured(lambda gds, graph, name: gds.wcc.mutate(graph, name), undirected=True)
        return group_rows(rows, group[self.columns.source[rows]])

    def pagerank(self, damping: float = 0.85) -> Floats:
        """Per account of the columns, its PageRank, one link a transfer; the sum is 1. Empty without transfers.

        It runs until it stands still: the server begins at 1 - damping, from where twenty steps are not enough.
        """
        rank = self._measured(
            lambda gds, graph, name: gds.page_rank.mutate(
                graph, name, damping_factor=damping, max_iterations=MOST_STEPS, tolerance=STILL
            )
        )
        return rank / rank.sum() if len(rank) else rank

    def communities(self) -> Ints:
        """Per account the number of its community, by Louvain over transfers without direction, from 0 on."""
        found = self._measured(lambda gds, graph, name: gds.louvain.mutate(graph, name, concurrency=1), undirected=True)
        _, numbers = np.unique(found, return_inverse=True)
        return numbers.astype(np.int64)

    def betweenness(self, samples: int, seed: int = 1) -> Floats:
        """Per account how many shortest directed paths cross it, from `samples` sources drawn with the seed.

        A pair of accounts is one link. Exact when there are no more accounts than samples.
        """
        most = min(samples, len(self.columns.accounts))
        return self._measured(
            lambda gds, graph, name: gds.betweenness_centrality.mutate(
                graph, name, sampling_size=most, sampling_seed=seed
            ),
            _PAIRS,
        )

    def embeddings(self, dimension: int, seed: int = 1) -> Floats:
        """Per account a row (n, dimension) by FastRP (Chen et al. 2019) over transfers without direction.

        The same seed and book give the same rows. They compare accounts of this graph only: the directions are drawn
        anew for the accounts of another.
        """
        if not len(self.columns):
            return np.zeros((0, dimension))
        return self._measured(
            lambda gds, graph, name: gds.fast_rp.mutate(graph, name, dimension, random_seed=seed, concurrency=1),
            undirected=True,
        )

    def _measured(self, run: Measure, projection: LiteralString = _WHOLE, *, undirected: bool = False) -> Floats:
        """One number, or one row of them, per account of the columns; Conflict when the server has other accounts."""
        if not len(self.columns):
            return np.zeros(0)
        ways = ["*"] if undirected else []

        def step(gds: GraphDataScience) -> dict[str, float]:
            name = f"tenor-{secrets.token_hex(8)}"
            graph = gds.graph.project.cypher(projection, name=name, book=self.book.name, undirected=ways).graph
            try:
                run(gds, graph, "found")
                rows = gds.graph.node_properties.stream(graph, ["found"], db_node_properties=["id"])
            finally:
                gds.graph.drop(name, fail_if_missing=False)
            return dict(zip(rows["id"], rows["found"], strict=True))

        found = self.book.server.measure(step)
        if found.keys() != set(self.columns.accounts):
            raise self._changed()
        return np.array([found[account] for account in self.columns.accounts], dtype=np.float64)

    def _flags(self, rows: list[Row]) -> Flags:
        """Which rows of the columns the server named."""
        named = {str(row[0]) for row in rows}
        flags: Flags = np.array([id in named for id in self.columns.ids], dtype=np.bool_)
        if int(flags.sum()) != len(named):
            raise self._changed()
        return flags

    def _changed(self) -> Conflict:
        return Conflict(f"{URL}: somebody else changed the transfers of {self.book.name} meanwhile; scan again")


class Neo4jGraphs:
    """Graphs at one server: the desk's own, and those of files for as long as they are looked at."""

    def __init__(self, server: Neo4jServer, name: str) -> None:
        """`name` is the book of the desk's transfers. The server gets its constraints."""
        self._server, self._name = server, name
        build_constraints(server)

    def hold(self, columns: Columns) -> Neo4jGraph:
        """The desk's graph: its book is made to hold exactly these transfers, then read."""
        return self._of(columns, self._name)

    @contextmanager
    def visit(self, columns: Columns) -> Iterator[Neo4jGraph]:
        """A graph in a book of its own that is gone afterwards."""
        graph = self._of(columns, f"file-{secrets.token_hex(6)}")
        try:
            yield graph
        finally:
            graph.book.drop()

    def close(self) -> None:
        """Ends the connections."""
        self._server.close()

    def _of(self, columns: Columns, name: str) -> Neo4jGraph:
        book = Neo4jBook(self._server, name)
        book.hold(columns)
        return Neo4jGraph(book, columns)


def open_graphs(url: str, user: str, password: str, name: str) -> Neo4jGraphs:
    """The graphs of a server that is there; BackEndUnreachable, naming the setting, otherwise."""
    return Neo4jGraphs(Neo4jServer(url, user, password), name)
