"""Forms 3, 4 and 5 from the HTML that EDGAR renders of them, into the same records as their XML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from desk.errors import DataError
from desk.filings.ownership import InsiderForm, Line, Owner, as_day, as_number

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_TITLE = re.compile(r"SEC\s+FORM\s+([345](?:/A)?)\b", re.IGNORECASE)
_NOTE = re.compile(r"(?<!\w)(\d{1,2})\. (.+?)(?= \d{1,2}\. |Remarks:|/s/|$)")
_WIDTHS = {(False, 11): "trade", (True, 16): "option trade", (False, 4): "holding", (True, 8): "option"}
"""Kinds of line, by table and number of columns."""


def is_rendered(raw: bytes) -> bool:
    """Whether the bytes are such a rendering."""
    return bool(_TITLE.search(raw[:4000].decode("latin-1")))


def read_rendered(raw: bytes) -> InsiderForm:
    """The form. DataError when the page is no such rendering."""
    import lxml.html

    title = _TITLE.search(raw[:4000].decode("latin-1"))
    if title is None:
        raise DataError("the HTML is no rendered Form 3, 4 or 5; give the form itself")
    root: HtmlElement = lxml.html.document_fromstring(raw)
    companies = [a for a in root.iter("a") if "CIK=" in (a.get("href") or "")]
    if len(companies) < 2:
        raise DataError("the rendered form names no owner and issuer; fetch the document again")
    *owners, issuer = companies
    text = " ".join(root.text_content().split())
    told = _after(text, "Explanation of Responses:")
    notes = tuple((number, words.strip()) for number, words in _NOTE.findall(told))
    symbol = re.search(r"\[\s*([A-Z][A-Z.\-]{0,6})\s*\]", text)
    event = re.search(r"(?:Earliest Transaction|Requiring Statement)[^0-9]{0,40}(\d\d/\d\d/\d{4})", text)
    signed = re.findall(r"\d\d/\d\d/\d{4}", told)
    return InsiderForm(
        form=title[1].upper(),
        issuer=_words(issuer),
        issuer_cik=_cik(issuer),
        ticker=symbol[1] if symbol else "",
        owners=tuple(Owner(_words(owner), _cik(owner), _relation(root)) for owner in owners),
        reported=as_day(event[1]) if event else None,
        signed=as_day(signed[-1]) if signed else None,
        lines=tuple(_lines(root, dict(notes))),
        notes=notes,
    )


def _lines(root: HtmlElement, notes: dict[str, str]) -> Iterator[Line]:
    for table in root.iter("table"):
        head = " ".join(table.text_content().split())[:40]
        if not head.startswith(("Table I ", "Table II ")):
            continue
        derivative = head.startswith("Table II ")
        rows = (r for body in table.iterchildren("tbody") for r in body.iterchildren("tr"))
        for number, row in enumerate(rows, start=1):
            cells = list(row.iterchildren("td"))
            kind = _WIDTHS.get((derivative, len(cells)))
            if kind:
                yield _line(cells, kind, f"Table {'II' if derivative else 'I'}, row {number}", notes)


def _line(cells: list[HtmlElement], kind: str, place: str, notes: dict[str, str]) -> Line:
    t = [_value(cell) for cell in cells]
    marks = dict.fromkeys(m for cell in cells for sup in cell.iter("sup") for m in re.findall(r"\d+", _words(sup)))
    noted = tuple(notes[mark] for mark in marks if mark in notes)
    if kind == "trade":
        gained = {"A": True, "D": False}.get(t[6])
        return Line(place, t[0], False, as_day(t[1]), t[3], as_number(t[5]), as_number(t[7]), gained, as_number(t[8]),
                    t[9] != "I", t[10], notes=noted)  # fmt: skip
    if kind == "holding":
        return Line(place, t[0], False, None, "", None, None, None, as_number(t[1]), t[2] != "I", t[3], notes=noted)
    if kind == "option":
        return Line(place, t[0], True, None, "", None, None, None, None, t[6] != "I", t[7], as_number(t[5]),
                    as_day(t[2]), f"{t[4]} {t[3]}".strip(), noted)  # fmt: skip
    gained = True if t[6] else False if t[7] else None
    return Line(place, t[0], True, as_day(t[2]), t[4], as_number(t[6] or t[7]), as_number(t[12]), gained,
                as_number(t[13]), t[14] != "I", t[15], as_number(t[1]), as_day(t[9]), f"{t[11]} {t[10]}".strip(),
                noted)  # fmt: skip


def _value(cell: HtmlElement) -> str:
    """The cell's own words without its footnote marks."""
    return " ".join(_words(s) for s in cell.iter("span") if "FormData" in (s.get("class") or "")).strip()


def _relation(root: HtmlElement) -> str:
    ticked: list[str] = []
    for row in root.iter("tr"):
        cells = [_words(cell) for cell in row.iterchildren("td")]
        for mark, word in pairwise(cells):
            if mark == "X" and word.startswith(("Director", "10% Owner", "Officer")):
                ticked.append(word.partition(" (")[0])
    return ", ".join(dict.fromkeys(ticked))


def _words(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _cik(link: HtmlElement) -> str:
    return (link.get("href") or "").rpartition("CIK=")[2][:10].zfill(10)


def _after(text: str, mark: str) -> str:
    return text.partition(mark)[2]
