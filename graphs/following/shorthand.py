"""The desk's shorthand, written out before anything is read."""

from __future__ import annotations

import re

_SHORTHAND = {"px": "price", "vol": "volatility", "qty": "quantity", "pos": "position", "hdlns": "headlines"}
_SHORT = re.compile(rf"(?<![\w$:.&])(?:{'|'.join(_SHORTHAND)})(?![\w:.&])")


def with_whole_words(question: str) -> str:
    """The question with the desk's shorthand in small letters written out: "px", "vol"."""
    return _SHORT.sub(lambda short: _SHORTHAND[short[0]], question)
