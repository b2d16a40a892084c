"""The desk's shorthand, written out before anything is read."""

from __future__ import annotations

import re

_SHORTHAND = {"px": "price", "vol": "volatility", "qty": "quantity", "pos": "position", "hdlns": "headlines"}
_SHORT = re.compile(rf"(?<![\w$:.&])(?:{'|'.join(_SHORTHAND)})(?![\w:.&])")

_ONE_SHARE = re.compile(
    r"\bhow much (?:is|are|for|does|costs?) (?:one|a|each|per) (?:single )?(?:share|stock|coin|unit)"
    r"(?: costs?)?(?=\W*$)",
    re.IGNORECASE,
)
"""The price of whatever was spoken of."""


def with_whole_words(question: str) -> str:
    """The question with the desk's shorthand in small letters written out: "px", "vol"."""
    return _ONE_SHARE.sub("what is the price", _SHORT.sub(lambda short: _SHORTHAND[short[0]], question))
