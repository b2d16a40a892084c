"""Checks on what leaves: no numeral that came through no slot, no slot without a fact, no foreign link.

Plain functions, run on every answer. A model's answer that fails is dropped for the plan's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from desk.errors import DataError
from desk.facts import SLOT, FactTable, stray_numerals

_LINK = re.compile(
    r"!?\[[^\]]*\][(\[]|^\s*\[[^\]]+\]:|\b[a-z][a-z0-9+.-]*://|(?<![\w:])//\w|\b(?:www\.|mailto:|data:|javascript:)\S|"
    r"\b[\w-]+\.(?:com|net|org|io|dev|app|co|example|test)\b|<[a-z/!]",
    re.IGNORECASE | re.MULTILINE,
)
LONGEST_ANSWER = 20_000


def find_faults(text: str, table: FactTable, quoted: Iterable[str], said: str = "") -> list[str]:
    """Everything wrong with a text of slots, as sentences; empty means it may leave.

    `quoted` are words whose numerals stand where they stand whole (verbatim quotes, titles); those of `said`, the
    person's own words, may stand anywhere.
    """
    quoted = tuple(quoted)
    faults = [f"the numeral {n!r} came through no slot" for n in stray_numerals(text, (said,), quoted)]
    for id in SLOT.findall(text):
        try:
            table.get(id)
        except DataError as error:
            faults.append(error.message)
    bare = text
    for words in sorted((*quoted, said), key=len, reverse=True):
        bare = bare.replace(words, " ") if words else bare
    if _LINK.search(bare):
        faults.append("the text holds a link, an image or markup")
    if len(text) > LONGEST_ANSWER:
        faults.append(f"the text has {len(text):,} characters")
    if not text.strip():
        faults.append("the text is empty")
    return faults
