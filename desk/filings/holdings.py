"""Form 13F information tables as records: what an institutional manager holds at a quarter's end.

Read from EDGAR's XML and from the HTML it renders. Values are US dollars. Until the end of 2022 the table was in
thousands: the HTML says so itself, for XML the caller does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from desk.errors import DataError
from desk.filings.ownership import as_number, xml_root

if TYPE_CHECKING:
    from lxml.html import HtmlElement

COLUMNS = ("Issuer", "Class", "CUSIP", "Value (USD)", "Shares or principal", "Type", "Put/call", "Discretion",
           "Sole", "Shared", "None")  # fmt: skip


@dataclass(frozen=True)
class Position:
    """One line. `kind` is SH (shares) or PRN (principal); `option` Put, Call or ""; voting as numbers of shares."""

    place: str
    issuer: str
    title: str
    cusip: str
    value: Decimal
    amount: Decimal
    kind: str
    option: str
    discretion: str
    sole: Decimal
    shared: Decimal
    none: Decimal

    def cells(self) -> tuple[str, ...]:
        """As a row under COLUMNS."""
        numbers = [f"{n:,f}" for n in (self.value, self.amount, self.sole, self.shared, self.none)]
        return (self.issuer, self.title, self.cusip, numbers[0], numbers[1], self.kind, self.option, self.discretion,
                *numbers[2:])  # fmt: skip


def read_positions(raw: bytes, *, thousands: bool = False) -> list[Position]:
    """All lines in order. DataError when the bytes are no information table, or a line lacks value or amount."""
    found = list(_from_html(raw) if b"<html" in raw[:2000].lower() else _from_xml(raw, 1000 if thousands else 1))
    if not found:
        raise DataError("the document is no 13F information table, or an empty one; give the table itself")
    return found


def _from_xml(raw: bytes, times: int) -> Iterator[Position]:
    root = xml_root(raw)
    nodes = (n for n in root.iter() if isinstance(n.tag, str) and n.tag.rpartition("}")[2] == "infoTable")
    for number, node in enumerate(nodes, start=1):
        texts = {
            str(child.tag).rpartition("}")[2].lower(): " ".join((child.text or "").split())
            for child in node.iter()
            if isinstance(child.tag, str)
        }
        names = ("nameofissuer", "titleofclass", "cusip", "value", "sshprnamt", "sshprnamttype", "putcall",
                 "investmentdiscretion", "sole", "shared", "none")  # fmt: skip
        yield _position(f"infoTable[{number}]", [texts.get(name, "") for name in names], times)


def _from_html(raw: bytes) -> Iterator[Position]:
    import lxml.html

    root: HtmlElement = lxml.html.document_fromstring(raw)
    times = 1000 if re.search(rb"x\s*\$?1,?000", raw[:20_000], re.IGNORECASE) else 1
    rows = (row for row in root.iter("tr") if _is_line(row))
    for number, row in enumerate(rows, start=1):
        cells = [" ".join(cell.text_content().split()) for cell in row.iterchildren("td")]
        # issuer, class, CUSIP, FIGI, value, amount, SH/PRN, put/call, discretion, manager, sole, shared, none
        wanted = [cells[i] for i in (0, 1, 2, 4, 5, 6, 7, 8, 10, 11, 12)]
        yield _position(f"row {number}", wanted, times)


def _is_line(row: HtmlElement) -> bool:
    cells = list(row.iterchildren("td"))
    return len(cells) == 13 and bool(re.fullmatch(r"\w{9}", cells[2].text_content().strip()))


def _position(place: str, texts: list[str], times: int) -> Position:
    value, amount = as_number(texts[3]), as_number(texts[4])
    if value is None or amount is None:
        raise DataError(f"13F {place} ({texts[0]}) has no value or amount; fetch the document again")
    sole, shared, none = (as_number(text) or Decimal(0) for text in texts[8:11])
    issuer, title, cusip, _, _, kind, option, discretion = texts[:8]
    return Position(place, issuer, title, cusip, value * times, amount, kind, option, discretion, sole, shared, none)
