"""Checks on what leaves: no numeral that came through no slot, no slot without a fact, no foreign link.

Plain functions, run on every answer. A model's answer that fails is dropped for the plan's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from desk.errors import DataError
from desk.facts import SLOT, FactTable, stray_numerals

_LINK = re.compile(r"!?\[[^\]]*\]\(|https?://|<[a-zA-Z/!]", re.IGNORECASE)
LONGEST_ANSWER = 20_000


def find_faults(text: str, table: FactTable, quoted: Iterable[str]) -> list[str]:
    """Everything wrong with a text of slots, as sentences; empty means it may leave.

    `quoted` are words whose numerals stand as they are (verbatim quotes, titles, the user's own).
    """
    faults = [f"the numeral {n!r} came through no slot" for n in stray_numerals(text, quoted)]
    for id in SLOT.findall(text):
        try:
            table.get(id)
        except DataError as error:
            faults.append(error.message)
    bare = text
    for words in quoted:
        bare = bare.replace(words, " ")
    if _LINK.search(bare):
        faults.append("the text holds a link, an image or markup")
    if len(text) > LONGEST_ANSWER:
        faults.append(f"the text has {len(text):,} characters")
    if not text.strip():
        faults.append("the text is empty")
    return faults
