"""A guard against what a language model remembers: names become letters and years others before it reads old news.

A model trained after the days of a replay knows how they went on; asked about "Apple, December 2022" it may answer
from memory. Under a disguise (Glasserman and Lin 2023) it reads "Company A" in another year. What names a company
without its name (a product, a person) stays; the guard makes remembering harder, not impossible.
"""

from __future__ import annotations

import hashlib
import re

from desk.instruments import AssetClass, Instrument, Instruments
from desk.news.entities import find_mentions

_KINDS = {
    AssetClass.STOCK: "Company",
    AssetClass.INDEX: "Index",
    AssetClass.FOREX: "Pair",
    AssetClass.COMMODITY: "Commodity",
    AssetClass.BOND: "Bond",
    AssetClass.CRYPTO: "Coin",
}
_YEAR = re.compile(r"(?<![\w.,$€£])(19[5-9]\d|20[0-4]\d)(?![\w%]|[.,]\d)")
LEAST, MOST = 5, 24
"""Years by which a disguise moves dates back."""


class Disguise:
    """One mapping of names and years; the same `key` hides alike, another one differently."""

    def __init__(self, known: Instruments, key: str) -> None:
        digest = hashlib.sha256(key.encode()).digest()
        self._back = LEAST + digest[0] % (MOST - LEAST + 1)
        self._forms = {each.id: _forms(each) for each in known}
        order = sorted(known, key=lambda each: hashlib.sha256(f"{key}|{each.id}".encode()).digest())
        self._names = {each.id: f"{_KINDS[each.asset_class]} {_letters(place)}" for place, each in enumerate(order)}

    def name(self, instrument: str) -> str:
        """What an instrument is called under the disguise; an unknown id is an asset without a name."""
        return self._names.get(instrument, "an asset")

    def hide(self, text: str) -> str:
        """The text with every name of an instrument, and every year from 1950 to 2049, replaced; all else stays."""
        parts, last = list[str](), 0
        for mention in find_mentions(text, self._forms):
            start = mention.start - (text[mention.start - 1 : mention.start] == "$")
            parts += [text[last:start], self._names[mention.id]]
            last = mention.end
        return _YEAR.sub(lambda found: str(int(found[0]) - self._back), "".join([*parts, text[last:]]))


def _forms(instrument: Instrument) -> tuple[str, ...]:
    """Its id, name and aliases; a symbol of up to three letters alone may be a word and needs its cashtag."""
    symbol = instrument.symbol if len(instrument.symbol) > 3 else f"${instrument.symbol}"
    return (instrument.id, instrument.name, symbol, *instrument.aliases)


def _letters(place: int) -> str:
    """A to Z, then AA and so on."""
    before, here = divmod(place, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + here)
