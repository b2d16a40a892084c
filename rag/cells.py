"""Which printed cell of a table holds which figure, so that a click on a number finds its value and place."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from rag.documents import Block, Document, Figure
from rag.numerals import parse_number
from rag.periods import as_of

_POWERS = (0, 3, 6, 9)


class PlacedCell(NamedTuple):
    """A figure at `row`, `column` of the table's rows; `power` of ten times the printed number is the value."""

    row: int
    column: int
    power: int
    figure: Figure


def placed_cells(document: Document, blocks: Sequence[Block]) -> dict[int, list[PlacedCell]]:
    """The figures of these tables by block id, left to right. A figure whose number is not printed is left out."""
    rows = {block.id: block.rows for block in blocks if block.rows is not None}
    out: dict[int, list[PlacedCell]] = {id: [] for id in rows}
    after: dict[tuple[int, int], int] = {}
    for figure in document.figures:
        table = rows.get(figure.block)
        if table is None or figure.row >= len(table):
            continue
        place = (figure.block, figure.row)
        for column in range(after.get(place, 0), len(table[figure.row])):
            power = _power(table[figure.row][column], Decimal(figure.value))
            if power is not None:
                out[figure.block].append(PlacedCell(figure.row, column, power, figure))
                after[place] = column + 1
                break
    return out


def _power(printed: str, value: Decimal) -> int | None:
    number = parse_number(printed)
    if number is None:
        return None
    if value == 0:
        return 0 if number.value == 0 else None
    return next((power for power in _POWERS if abs(number.value) * 10**power == abs(value)), None)


def cell_period(document: Document, figure: Figure) -> str:
    """The period of a figure in words: `FY2024 (12 months ended 2024-09-28)`."""
    return as_of(document.filing, figure.period)
