"""What a question tells about the person who asks, apart from what it asks.

"For a note I'm writing: …", "…, my boss wants to know", "quick one before my call, …": none of it can be looked for
in a filing. A part in the first person is let go when it names no company, no figure and no year; where such a part
leads into the question ("I'm putting together a memo and need …") only the lead is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_FIRST = r"\b(?:i|i['\u2019](?:m|d|ve|ll)|im|my|me|we|we['\u2019](?:re|d|ve|ll)|our|us)\b"
_PERSON = re.compile(_FIRST, re.IGNORECASE)
_GREETING = re.compile(
    r"^\W*(?:hi|hello|hey|good (?:morning|afternoon|evening)|morning|thanks|thank you|thx|cheers|please|pls|ok(?:ay)?"
    r"|sorry|so|right|well|quick (?:one|question|q)|one (?:more )?(?:thing|question)|just curious|out of curiosity"
    r"|no rush|urgent|asap|btw|by the way|for context|fyi)\b[^?]{0,40}$",
    re.IGNORECASE,
)
_PART = re.compile(r"(?<=[a-z0-9%'’)])(,\s+|:\s+|;\s+|[.?!]\s+|\s+[-–—]\s+)", re.IGNORECASE)
_LEAD = re.compile(
    rf"^(?=.{{0,80}}?{_FIRST}).{{0,90}}?\b(?:need(?:s|ed)?|wants?(?: to (?:know|see|have|find out|check))?"
    r"|would like(?: to (?:know|see|have))?|['\u2019]d (?:like|love)(?: to (?:know|see|have))?|looking (?:for|at|up)"
    r"|trying to find|wonder(?:ing|s)?|asks?(?: me)?(?: for| about)?"
    r"|(?:give|tell|show|get|find|send|remind) (?:me|us))\s+"
    r"(?:(?:out|up|if|whether)\s+)?(?=\S)",
    re.IGNORECASE,
)
_TAIL = re.compile(
    rf"\s+(?:for|in|before|ahead of|because|since|as|so|to help with)\s+(?:(?:a|an|the|this|some|that|my|our)\s+)?"
    rf"(?:(?!\b(?:19|20)\d\d\b)[^?.,;:]){{0,50}}?{_FIRST}[^?.,;:]{{0,60}}(?=[?.!]*$)",
    re.IGNORECASE,
)


def strip_framing(text: str, says: Callable[[str], bool]) -> str:
    """The question without what it tells of the asker; `says` tells whether a part names what can be looked for.

    The text as it is when nothing that can be looked for would be left.
    """
    pieces = _PART.split(text.strip())
    kept: list[str] = []
    for part, mark in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        if not says(part) and (_PERSON.search(part) or _GREETING.match(part)) and len(pieces) > 1:
            continue
        lead = _LEAD.match(part)
        if lead and not says(lead[0]):
            part = part[lead.end() :]
        tail = _TAIL.search(part)
        if tail and not says(tail[0]):
            part = part[: tail.start()]
        kept += [part, mark]
    left = "".join(kept[:-1]) if kept else ""
    end = re.search(r"[?.!]*$", text.strip())
    return f"{left}{end[0] if end and not left.endswith(('?', '.', '!')) else ''}" if says(left) else text
