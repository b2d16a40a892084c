"""Persons, devices, instruments, trades and filings of a book at a Neo4j server. All writes may be repeated."""

from __future__ import annotations

from typing import Literal, LiteralString, cast

from desk.fraud.graph import DeviceUse, Filed, Links, Ownership, Traded
from desk.fraud.neo4j_book import Neo4jBook, parts
from desk.fraud.neo4j_server import Row

_OWNS: LiteralString = """
UNWIND $rows AS row
MERGE (p:Person {book: $book, id: row[0]}) MERGE (a:Account {book: $book, id: row[1]})
MERGE (p)-[:OWNS {at: row[2]}]->(a)
"""
_USED: LiteralString = """
UNWIND $rows AS row
MERGE (d:Device {book: $book, id: row[0]}) MERGE (a:Account {book: $book, id: row[1]})
MERGE (d)-[:USED_BY {at: row[2]}]->(a)
"""
_TRADED: LiteralString = """
UNWIND $rows AS row
MERGE (a:Account {book: $book, id: row[1]}) MERGE (i:Instrument {book: $book, id: row[2]})
MERGE (a)-[t:TRADED {book: $book, id: row[0]}]->(i)
ON CREATE SET t.side = row[3], t.units = row[4], t.minor = row[5], t.currency = row[6], t.at = row[7]
"""
_FILED: LiteralString = """
UNWIND $rows AS row
MERGE (f:Filing {book: $book, id: row[0]}) ON CREATE SET f.form = row[2], f.at = row[3]
MERGE (i:Instrument {book: $book, id: row[1]})
MERGE (f)-[:ABOUT]->(i)
"""
_OWNERS: LiteralString = "MATCH (p:Person {book: $book})-[o:OWNS]->(a:Account) RETURN p.id, a.id, o.at"
_DEVICES: LiteralString = "MATCH (d:Device {book: $book})-[u:USED_BY]->(a:Account) RETURN d.id, a.id, u.at"
_TRADES: LiteralString = """
MATCH (i:Instrument {book: $book})<-[t:TRADED]-(a:Account)
RETURN t.id, a.id, i.id, t.side, t.units, t.minor, t.currency, t.at
"""
_FILINGS: LiteralString = "MATCH (f:Filing {book: $book})-[:ABOUT]->(i:Instrument) RETURN f.id, i.id, f.form, f.at"


def write_links(book: Neo4jBook, links: Links) -> None:
    """Adds all of them; what is there already stays as it is."""
    kinds: tuple[tuple[LiteralString, tuple[tuple[object, ...], ...]], ...] = (
        (_OWNS, links.owners),
        (_USED, links.devices),
        (_TRADED, links.trades),
        (_FILED, links.filings),
    )
    for text, rows in kinds:
        for part in parts([list(row) for row in rows]):
            book.ask(text, rows=part)


def read_links(book: Neo4jBook) -> Links:
    """All that the book holds."""
    return Links().joined(
        Links(
            tuple(Ownership(str(a), str(b), _number(at)) for a, b, at in book.ask(_OWNERS)),
            tuple(DeviceUse(str(a), str(b), _number(at)) for a, b, at in book.ask(_DEVICES)),
            tuple(_trade(row) for row in book.ask(_TRADES)),
            tuple(Filed(str(a), str(b), str(form), _number(at)) for a, b, form, at in book.ask(_FILINGS)),
        )
    )


def _trade(row: Row) -> Traded:
    id, account, instrument, side, units, minor, currency, at = row
    way: Literal["buy", "sell"] = "buy" if side == "buy" else "sell"
    amounts = _number(units), _number(minor)
    return Traded(str(id), str(account), str(instrument), way, *amounts, str(currency), _number(at))


def _number(value: object) -> int:
    return cast(int, value)
