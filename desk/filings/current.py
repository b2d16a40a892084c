"""Form 8-K as records: which items it reports, and what each stands for in general terms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

ITEMS: dict[str, str] = {
    "1.01": "entered a material agreement", "1.02": "ended a material agreement", "1.03": "bankruptcy or receivership",
    "1.04": "mine safety", "1.05": "material cybersecurity incident",
    "2.01": "bought or sold assets", "2.02": "results of operations", "2.03": "a new financial obligation",
    "2.04": "an obligation accelerated", "2.05": "costs of an exit", "2.06": "material impairment",
    "3.01": "notice of delisting", "3.02": "unregistered sale of equity", "3.03": "holders' rights changed",
    "4.01": "change of auditor", "4.02": "earlier statements no longer reliable",
    "5.01": "change of control", "5.02": "directors or officers come or go", "5.03": "charter, bylaws or fiscal year",
    "5.04": "trading under employee plans suspended", "5.05": "code of ethics", "5.06": "no longer a shell company",
    "5.07": "votes of the holders", "5.08": "nomination of directors",
    "6.01": "asset-backed: information", "6.02": "asset-backed: servicer or trustee", "6.03": "asset-backed: support",
    "6.04": "asset-backed: distribution", "6.05": "asset-backed: Securities Act disclosure",
    "7.01": "Regulation FD disclosure", "8.01": "other events", "9.01": "statements and exhibits",
}  # fmt: skip
"""Items of Form 8-K as they stand since 2004, with the later ones."""

GRAVE = frozenset({"1.03", "1.05", "2.04", "2.06", "3.01", "4.01", "4.02", "5.01"})
"""Items that a compliance officer looks at first."""

_ITEM = re.compile(r"\bitem\s+(\d\.\d\d)\b", re.IGNORECASE)


class Item(NamedTuple):
    """One item: its number, what it stands for, and where in the text it begins (-1 when told without a text)."""

    number: str
    means: str
    start: int


def read_items(text: str) -> list[Item]:
    """The items that a report's text names, each once, where first named; empty when there is none."""
    found: dict[str, Item] = {}
    for match in _ITEM.finditer(text):
        if match[1] in ITEMS:
            found.setdefault(match[1], Item(match[1], ITEMS[match[1]], match.start()))
    return list(found.values())


def told_items(numbers: Sequence[str]) -> list[Item]:
    """Items as the submissions list tells them; numbers that are none are left out."""
    return [Item(number, ITEMS[number], -1) for number in numbers if number in ITEMS]
