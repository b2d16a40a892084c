"""Whether a text gives a number: the deterministic grader of figures.

A number agrees when it is within 2.5 % of the wanted one at some power of a thousand (units are often left out), as a
percentage or a share, or when it rounds to the wanted one's own decimals. Signs are not compared: texts write a
payment as 389, (389) or -389. In a long text the answer stands in the first or the last numbers, not in the working
between. Agreement with people: the suite `grader`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from desk.errors import InputError

TOLERANCE = Decimal("0.025")
POWERS = tuple(Decimal(1000) ** power for power in range(-3, 4))
ENDS = 2
"""Numbers read at each end of a text."""

_NUMBER = re.compile(
    r"(?<![\w.])(?P<currency>[$€£]?)\s*(?P<digits>\d[\d,]*(?:\.\d+)?|\.\d+)"
    r"(?:\s*(?P<scale>trillion|billion|million|thousand|bn|mn|m|k)\b)?\s*(?P<share>%|percent|percentage points?)?",
    re.IGNORECASE,
)
_SCALES = {"trillion": 12, "billion": 9, "bn": 9, "million": 6, "mn": 6, "m": 6, "thousand": 3, "k": 3}
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True)
class Figure:
    """A number without its sign. `share`: it was written as a percentage; `bare`: without scale or currency too."""

    value: Decimal
    decimals: int
    share: bool
    bare: bool


def read_figures(text: str, *, years: bool = False) -> list[Figure]:
    """Every number of a text in its order; whole years only with `years`."""
    found = []
    for match in _NUMBER.finditer(text):
        digits, scale = match["digits"].replace(",", ""), (match["scale"] or "").casefold()
        value = Decimal(digits)
        bare = not (scale or match["currency"] or match["share"])
        if bare and not years and _YEAR.fullmatch(digits):
            continue
        decimals = max(0, -int(value.normalize().as_tuple().exponent))
        found.append(Figure(value * 10 ** _SCALES.get(scale, 0), decimals, match["share"] is not None, bare))
    return found


def gives_number(text: str, wanted: str) -> bool:
    """Whether `text` gives the number written in `wanted`; InputError when that holds none, or several."""
    years = not read_figures(wanted)
    given = read_figures(wanted, years=years)
    if len(given) != 1:
        raise InputError(f"{wanted!r} holds {len(given)} numbers; a target is one")
    figures = read_figures(text, years=years)
    near = figures if len(figures) <= 2 * ENDS else [*figures[:ENDS], *figures[-ENDS:]]
    return any(agrees(figure, given[0]) for figure in near)


def agrees(found: Figure, wanted: Figure) -> bool:
    """Whether one number is the other, by the module's rule."""
    values = [found.value]
    if wanted.share and found.bare:
        values.append(found.value * 100)
    if found.share and not wanted.share:
        values.append(found.value / 100)
    return any(_same(value, wanted) for value in values)


def _same(value: Decimal, wanted: Figure) -> bool:
    if wanted.value == 0:
        return value == 0
    step = Decimal(1).scaleb(-wanted.decimals)
    for power in POWERS:
        scaled = value * power
        if abs(scaled - wanted.value) <= TOLERANCE * wanted.value:
            return True
        if wanted.decimals and scaled < 10**15 and scaled.quantize(step) == wanted.value:
            return True
    return False
