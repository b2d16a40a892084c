"""What a Neo4j server keeps for one book of transfers: constraints, idempotent writes, one reading.

A book is a name that every node and relationship carries, so that several desks and files share a
server and stay apart. `n` numbers the transfers of one instant, so that rows come back in the order
of the columns that were given. All writes may be repeated. The shape is in docs/neo4j.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import LiteralString, cast

import numpy as np

from desk.errors import InputError
from desk.fraud.graph import Columns, Ints, build_columns
from desk.fraud.neo4j_server import Neo4jServer, Row

BATCH = 10_000

CONSTRAINTS: tuple[LiteralString, ...] = (
    "CREATE CONSTRAINT tenor_account IF NOT EXISTS FOR (a:Account) REQUIRE (a.book, a.id) IS UNIQUE",
    "CREATE CONSTRAINT tenor_person IF NOT EXISTS FOR (p:Person) REQUIRE (p.book, p.id) IS UNIQUE",
    "CREATE CONSTRAINT tenor_device IF NOT EXISTS FOR (d:Device) REQUIRE (d.book, d.id) IS UNIQUE",
    "CREATE CONSTRAINT tenor_instrument IF NOT EXISTS FOR (i:Instrument) REQUIRE (i.book, i.id) IS UNIQUE",
    "CREATE CONSTRAINT tenor_filing IF NOT EXISTS FOR (f:Filing) REQUIRE (f.book, f.id) IS UNIQUE",
    "CREATE CONSTRAINT tenor_transfer IF NOT EXISTS FOR ()-[t:TRANSFER]-() REQUIRE (t.book, t.id) IS UNIQUE",
    "CREATE CONSTRAINT tenor_traded IF NOT EXISTS FOR ()-[t:TRADED]-() REQUIRE (t.book, t.id) IS UNIQUE",
)
_ACCOUNTS: LiteralString = "UNWIND $ids AS id MERGE (:Account {book: $book, id: id})"
_TRANSFERS: LiteralString = """
UNWIND $rows AS row
MATCH (a:Account {book: $book, id: row[1]}), (b:Account {book: $book, id: row[2]})
MERGE (a)-[t:TRANSFER {book: $book, id: row[0]}]->(b)
ON CREATE SET t.minor = row[3], t.at = row[4], t.currency = $currency
SET t.n = row[5]
"""
_READ: LiteralString = """
MATCH (a:Account {book: $book})-[t:TRANSFER]->(b:Account)
RETURN a.id, collect(b.id), collect(t.id), collect(t.minor), collect(t.at), collect(t.n), collect(DISTINCT t.currency)
"""
_FORGET: LiteralString = "UNWIND $ids AS id MATCH ()-[t:TRANSFER {book: $book, id: id}]->() DELETE t"
_LONELY: LiteralString = "MATCH (a:Account {book: $book}) WHERE NOT (a)--() DELETE a"
_DROP: LiteralString = "MATCH (x {book: $book}) WITH x LIMIT $most DETACH DELETE x RETURN count(*)"


class Neo4jBook:
    """One book at a server that has the constraints."""

    def __init__(self, server: Neo4jServer, name: str) -> None:
        self.server, self.name = server, name

    def ask(self, text: LiteralString, **values: object) -> list[Row]:
        """See `Neo4jServer.ask`; `$book` is this book."""
        return self.server.ask(text, book=self.name, **values)

    def read(self) -> Columns:
        """The whole book, sorted as it was given; InputError when it holds two currencies."""
        rows = self.ask(_READ)
        currencies = sorted({str(one) for row in rows for one in cast(list[object], row[6])}) or ["USD"]
        if len(currencies) > 1:
            raise InputError(f"transfers are in {' and '.join(currencies)}; scan one currency at a time")
        sources = [str(row[0]) for row in rows for _ in cast(list[object], row[1])]
        targets, ids = (cast(list[str], _flat(rows, place)) for place in (1, 2))
        minor, at, n = (np.array(_flat(rows, place), dtype=np.int64) for place in (3, 4, 5))
        order = np.lexsort((n, at))
        return build_columns(
            [ids[row] for row in order],
            [sources[row] for row in order],
            [targets[row] for row in order],
            minor[order],
            at[order],
            currencies[0],
        )

    def hold(self, columns: Columns) -> None:
        """Makes the book exactly these transfers; only what differs is written."""
        stored = self.read()
        there = {id: (row, rank) for row, (id, rank) in enumerate(zip(stored.ids, _ranks(stored), strict=True))}
        changed, known = [], set()
        for row, (id, rank) in enumerate(zip(columns.ids, _ranks(columns), strict=True)):
            found = there.get(id)
            if found is None or not _same(stored, found[0], columns, row):
                changed.append(row)
            else:
                known.add(id)
                if found[1] != rank:
                    changed.append(row)
        self._forget([id for id in stored.ids if id not in known])
        self.write(columns, np.array(changed, dtype=np.int64))

    def write(self, columns: Columns, rows: Ints) -> None:
        """Adds these rows of the columns; one whose id is there already keeps its amount and time."""
        ranks, names = _ranks(columns), columns.accounts
        accounts = sorted({names[place] for end in (columns.source, columns.target) for place in end[rows].tolist()})
        for part in parts(accounts):
            self.ask(_ACCOUNTS, ids=part)
        values = [
            [
                columns.ids[row],
                names[columns.source[row]],
                names[columns.target[row]],
                int(columns.minor[row]),
                int(columns.at[row]),
                int(ranks[row]),
            ]
            for row in rows.tolist()
        ]
        for part in parts(values):
            self.ask(_TRANSFERS, rows=part, currency=columns.currency)

    def drop(self) -> None:
        """Removes everything of this book, a batch at a time."""
        while int(cast(int, self.ask(_DROP, most=BATCH)[0][0])):
            pass

    def _forget(self, ids: list[str]) -> None:
        for part in parts(ids):
            self.ask(_FORGET, ids=part)
        if ids:
            self.ask(_LONELY)


def build_constraints(server: Neo4jServer) -> None:
    """Once per server, before the first write: without them a load is quadratic and ids are not unique."""
    for text in CONSTRAINTS:
        server.ask(text)


def _ranks(columns: Columns) -> Ints:
    """The place of each row among those of its instant."""
    ranks: Ints = np.arange(len(columns)) - np.searchsorted(columns.at, columns.at)
    return ranks


def _same(left: Columns, row: int, right: Columns, other: int) -> bool:
    return (
        left.minor[row] == right.minor[other]
        and left.at[row] == right.at[other]
        and left.accounts[left.source[row]] == right.accounts[right.source[other]]
        and left.accounts[left.target[row]] == right.accounts[right.target[other]]
        and left.currency == right.currency
    )


def _flat(rows: list[Row], place: int) -> list[object]:
    return [value for row in rows for value in cast(list[object], row[place])]


def parts(values: Sequence[object]) -> Iterator[Sequence[object]]:
    """Batches small enough for one transaction each."""
    return (values[start : start + BATCH] for start in range(0, len(values), BATCH))
