"""How a person reads numbers: separators, where a currency stands, the sign of a percentage. One small table.

Currencies stand as codes everywhere, since a desk of several has more than one dollar. The house's own form serves
where nobody chose one, and is the American one.
"""

from __future__ import annotations

from dataclasses import dataclass

from desk.errors import InputError


@dataclass(frozen=True)
class Locale:
    """A way to write numbers; `name` is the tag of BCP 47, empty for the house's own form."""

    name: str
    group: str = ","
    point: str = "."
    code_first: bool = False
    percent: str = " %"

    def number(self, plain: str) -> str:
        """A number in the house's form, in this one."""
        marks = {",": self.group, ".": self.point}
        return "".join(marks.get(sign, sign) for sign in plain)

    def money(self, plain: str, currency: str) -> str:
        """An amount with its currency's code."""
        number = self.number(plain)
        return f"{currency} {number}" if self.code_first else f"{number} {currency}"


HOUSE = Locale("")
LOCALES = {
    one.name: one
    for one in (
        Locale("en-US"),
        Locale("en-GB", code_first=True, percent="%"),
        Locale("de-DE", group=".", point=","),
        Locale("fr-FR", group="\u202f", point=","),
    )
}


def locale_of(name: str) -> Locale:
    """The locale of that tag, whatever its case; the house's for none. InputError names those there are."""
    found = next((one for tag, one in LOCALES.items() if tag.casefold() == name.replace("_", "-").casefold()), None)
    if found is None and name:
        raise InputError(f"locale {name!r} is not known; there are: {', '.join(LOCALES)}")
    return found or HOUSE


def accepted(header: str) -> str:
    """The first tag of an Accept-Language header that is known, by its weights, or by its language; empty for none."""
    wishes = []
    for place, part in enumerate(header.split(",")[:20]):
        tag, _, weight = part.partition(";")
        try:
            q = float(weight.partition("=")[2] or 1)
        except ValueError:
            q = 0.0
        wishes.append((-q, place, tag.strip().casefold()))
    for q, _, tag in sorted(wishes):
        if q < 0:
            for name in LOCALES:
                if tag in (name.casefold(), name.partition("-")[0]):
                    return name
    return ""
