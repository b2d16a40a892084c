"""Rows that print values and no label: what they are, where the table itself proves it.

Many statements leave a total unlabelled under its heading. It is named only when it adds up: the rows since the
heading, in every column, or, in a balance sheet, a value that both sides end on. Anything else stays unnamed.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rag.documents import StatementKind
from rag.grid import Row

ADDED_UP = "not labelled; the rows above add up to it"
BOTH_SIDES = "not labelled; both sides of the sheet end on it"


def name_totals(grid: Sequence[Row], statement: StatementKind) -> dict[int, tuple[str, str]]:
    """Name and proof of each unlabelled row that has one, by its index."""
    found: dict[int, tuple[str, str]] = {}
    heading, rows = "", list[tuple[Decimal, ...]]()
    for index, row in enumerate(grid):
        values = _values(row)
        if not values:
            if row and row[0].label and not row[0].text.startswith("("):
                heading, rows = row[0].text.strip().rstrip(":"), []
        elif row[0].label:
            rows.append(values)
        else:
            if heading and len(rows) > 1 and _adds_up(rows, values):
                found[index] = (f"Total {heading[:1].lower()}{heading[1:]}", ADDED_UP)
            heading, rows = "", []
    return found | (_sides(grid) if statement == "balance" else {})


def _values(row: Row) -> tuple[Decimal, ...]:
    return tuple(cell.number if cell.number is not None else Decimal(0) for cell in row if cell.data)


def _adds_up(rows: Sequence[tuple[Decimal, ...]], total: tuple[Decimal, ...]) -> bool:
    """Whether the rows add up to the total in every column, give or take rounding."""
    if any(len(row) != len(total) for row in rows):
        return False
    slack = Decimal(len(rows)) / 2
    return all(abs(sum(column) - value) <= slack for column, value in zip(zip(*rows, strict=True), total, strict=True))


def _sides(grid: Sequence[Row]) -> dict[int, tuple[str, str]]:
    """The totals of a balance sheet that prints them without labels: equal, with the liabilities between them."""
    bare = [i for i, row in enumerate(grid) if _values(row) and not row[0].label]
    for first in bare:
        heads = [i for i, row in enumerate(grid) if i > first and row and "liabilit" in row[0].text.casefold()]
        after = [i for i in range(first + 1, len(grid)) if _values(grid[i]) == _values(grid[first])]
        if heads and after and heads[0] < after[-1] and not any(i in bare for i in range(first + 1, heads[0])):
            last = after[-1]
            end = {last: ("Total liabilities and equity", BOTH_SIDES)} if last in bare else {}
            return {first: ("Total assets", BOTH_SIDES), **end}
    return {}
