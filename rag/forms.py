"""Ownership forms and holdings tables as documents: their records written out as tables and sentences.

The text is ours, made from the records; each line names its place in the form, so a citation leads back to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from desk.errors import DataError
from desk.filings.current import Item
from desk.filings.holdings import COLUMNS, Position, read_positions
from desk.filings.ownership import CODES, InsiderForm, Line, SaleNotice, read_insider, read_notice
from desk.filings.ownership_html import is_rendered, read_rendered
from desk.filings.source import Filing
from rag.assemble import Assembler
from rag.documents import Document
from rag.grid import Cell, Row
from rag.numerals import parse_number

_ROWS = 20
"""Positions in one table: a passage of search then holds no more."""

IN_DOLLARS_SINCE = date(2023, 1, 3)
"""13F tables filed before were in thousands of dollars."""

Records = InsiderForm | SaleNotice | tuple[Position, ...] | tuple[Item, ...]
Form = InsiderForm | SaleNotice | tuple[Position, ...]


def read_records(filing: Filing, raw: bytes) -> Form:
    """The typed records of an ownership form or holdings table, in XML or rendered as HTML.

    DataError, naming the filing, when it is none of the known forms.
    """
    try:
        if filing.media == "xml" and b"informationTable" in raw[:4000]:
            early = filing.filed is not None and filing.filed < IN_DOLLARS_SINCE
            return tuple(read_positions(raw, thousands=early))
        if filing.media == "html":
            return read_rendered(raw) if is_rendered(raw) else tuple(read_positions(raw))
        if b"ownershipDocument" in raw[:4000]:
            return read_insider(raw)
        return read_notice(raw)
    except DataError as error:
        raise DataError(f"filing {filing.id!r} cannot be read: {error.message}") from None


def parse_form(filing: Filing, raw: bytes) -> Document:
    """The document of an XML filing."""
    records, assembler = read_records(filing, raw), Assembler(filing, raw)
    if isinstance(records, InsiderForm):
        _write_insider(assembler, records)
    elif isinstance(records, SaleNotice):
        _write_notice(assembler, records)
    else:
        _write_positions(assembler, records)
    return assembler.finish()


def describe_records(records: Form) -> dict[str, object]:
    """What the records tell of their filing: company, form, cik, ticker, period_end, filed (the day it was signed)."""
    if isinstance(records, InsiderForm):
        return {
            "form": records.form,
            "company": records.issuer,
            "cik": records.issuer_cik,
            "ticker": records.ticker,
            "period_end": records.reported,
            "filed": records.signed,
        }
    if isinstance(records, SaleNotice):
        return {
            "form": "144",
            "company": records.issuer,
            "cik": records.issuer_cik,
            "period_end": records.sale,
            "filed": records.noticed,
        }
    return {"form": "13F-HR"}


def _write_insider(assembler: Assembler, form: InsiderForm) -> None:
    who = " and ".join(owner.name for owner in form.owners)
    assembler.heading(f"Form {form.form}: {who}, insider of {form.issuer}", 2)
    for owner in form.owners:
        plan = " The transactions follow a Rule 10b5-1 plan." if form.planned else ""
        assembler.paragraph(
            f"{owner.name} is {owner.relation or 'an insider'} of {form.issuer} ({form.ticker}). "
            f"Period of report {form.reported}, signed {form.signed}.{plan}"
        )
    head = ("Security", "Date", "Code", "Shares", "Acquired or disposed", "Price (USD)", "Held after", "Place")
    for derivative, title in ((False, "Non-derivative securities"), (True, "Derivative securities")):
        lines = [line for line in form.lines if line.derivative is derivative]
        if lines:
            assembler.heading(title, 3)
            assembler.table(_grid(head, [_cells(line) for line in lines]))
            for line in lines:
                assembler.paragraph(_sentence(who, line))
    if form.notes or form.remarks:
        assembler.heading("Notes", 3)
    for name, words in form.notes:
        assembler.paragraph(f"{name}: {words}")
    if form.remarks:
        assembler.paragraph(form.remarks)


def _cells(line: Line) -> tuple[str, ...]:
    moved = {True: "acquired", False: "disposed", None: ""}[line.acquired]
    day = str(line.on) if line.on else ""
    return (line.security, day, line.code, _show(line.shares), moved, _show(line.price), _show(line.after), line.place)


def _sentence(who: str, line: Line) -> str:
    held = "directly" if line.direct else f"indirectly ({line.nature or 'nature not given'})"
    on = f" on {line.underlying}" if line.underlying else ""
    terms = f", exercise price {_show(line.strike)} USD" if line.strike is not None else ""
    terms += f", expires {line.expires}" if line.expires else ""
    if not line.code:
        held_now = f"{_show(line.after)} " if line.after is not None else ""
        return f"{who} holds {held_now}{line.security}{on} {held}{terms}."
    verb = {True: "acquired", False: "disposed of", None: "reported"}[line.acquired]
    price = f" at {_show(line.price)} USD each" if line.price is not None else ""
    after = f"; {_show(line.after)} held afterwards, {held}" if line.after is not None else ""
    code = f"code {line.code}, {CODES[line.code]}" if line.code in CODES else f"code {line.code}"
    return f"{line.on}: {who} {verb} {_show(line.shares)} {line.security}{on}{price} ({code}){terms}{after}."


def _write_notice(assembler: Assembler, notice: SaleNotice) -> None:
    assembler.heading(f"Form 144: planned sale by {notice.seller}, {notice.issuer}", 2)
    assembler.paragraph(
        f"{notice.seller} ({', '.join(notice.relations)}) gives notice to sell {_show(notice.shares)} "
        f"{notice.security} of {notice.issuer} through {notice.broker} about {notice.sale}, "
        f"market value {_show(notice.value)} USD; "
        f"{_show(notice.outstanding)} are outstanding. Notice dated {notice.noticed}."
    )
    for day, how, shares in notice.acquired:
        assembler.paragraph(f"Acquired {day}: {_show(shares)} ({how}).")
    for day, shares, proceeds in notice.sold:
        assembler.paragraph(f"Sold in the past three months, {day}: {_show(shares)} for {_show(proceeds)} USD.")
    if notice.remarks:
        assembler.paragraph(notice.remarks)


def _write_positions(assembler: Assembler, positions: Sequence[Position]) -> None:
    assembler.heading("Form 13F information table", 2)
    total = sum((position.value for position in positions), Decimal(0))
    assembler.paragraph(f"{len(positions):,} positions with a value of {_show(total)} USD together.")
    for start in range(0, len(positions), _ROWS):
        part = positions[start : start + _ROWS]
        assembler.heading(f"{part[0].issuer} to {part[-1].issuer}", 3)
        assembler.table(_grid(COLUMNS, [position.cells() for position in part]))


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Row]:
    return [tuple(Cell(i, i + 1, text) for i, text in enumerate(head)), *(_row(row) for row in rows)]


def _row(texts: Sequence[str]) -> Row:
    cells: list[Cell] = []
    for i, text in enumerate(texts):
        number = parse_number(text) if i else None
        cells.append(Cell(i, i + 1, text or "–", number.value if number else None))
    return tuple(cells)


def _show(number: Decimal | None) -> str:
    if number is None:
        return ""
    plain = number.normalize()
    return f"{plain:,f}"
