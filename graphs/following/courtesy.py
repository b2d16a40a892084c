"""Pleasantries before a question, which say nothing about whom it is for."""

from __future__ import annotations

import re

_PLEASANT = re.compile(
    r"\s*(?:(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|morning|evening|afternoon|thanks|thank you|cheers"
    r"|ok(?:ay)?|great|nice|cool|fine|fair enough|got it|i see|(?:that )?makes sense|understood|perfect|right|alright"
    r"|sorry|hm+|haha|lol|oh|too bad|pity|forget (?:that|it)|never ?mind|interesting|good|wow|just testing)"
    r"(?:,? (?:there|tenor|all|team|everyone|so much|a lot|again|then|you))?\s*[.!,;]+\s*)+(?=\S+\s+\S+)",
    re.IGNORECASE,
)


def to_the_point(question: str) -> str:
    """The question without the pleasantries before it; as it is when nothing else would be left."""
    return _PLEASANT.sub("", question, count=1) if _PLEASANT.match(question) else question
