"""A question taken apart: the person's own words, and what they pasted of others.

Only own words choose agents, instruments, amounts and orders. What stands in a fence, a quotation or a forwarded
message is text of others, whoever pasted it: models may read it in its fence, nothing acts on it. A fence reaches
from its first mark to its last, so that pasted text cannot close it. Text pasted without any mark cannot be told from
own words.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from desk.errors import InputError

LONG_QUOTE = 8
"""From so many words on a quotation is what somebody else said; shorter ones are names and terms."""

_TAGS = r"(?:untrusted|context|documents?|quote|blockquote|files?|sources?|attachments?|uploads?|pasted|article|email)"
_BEGINS = r"(?:begin|start|original|forwarded|pasted|file|document|attachment|upload)"
_OPEN, _CLOSE = '"\u201c\u201d\u201e\u00ab', '"\u201c\u201d\u00bb'
_SAYS = r"(?:wrote|writes|said|says|posted|posts|sent|reads|told|mailed|mail|note|message|article|headline|text)"


class Fence(NamedTuple):
    """A way to mark text of others: where it opens, and its closing mark; the last one in the text counts."""

    opens: re.Pattern[str]
    closes: re.Pattern[str]


_REPORTED = Fence(
    re.compile(rf"^[^\n.?!]*\b{_SAYS}\b[^\n.?!]{{0,30}}:\s*[{_OPEN}]", re.IGNORECASE | re.MULTILINE),
    re.compile(rf"[{_CLOSE}]"),
)
_FENCES = (
    Fence(re.compile("```"), re.compile("```")),
    Fence(re.compile("~~~"), re.compile("~~~")),
    Fence(re.compile(rf"<\s*{_TAGS}\b[^>]*>", re.IGNORECASE), re.compile(rf"<[\s/\\]*{_TAGS}\s*>", re.IGNORECASE)),
    Fence(
        re.compile(rf"^[ \t]*-{{2,}}[ \t]*{_BEGINS}\b", re.IGNORECASE | re.MULTILINE),
        re.compile(r"^[ \t]*-{2,}[ \t]*end\b[^\n]*$", re.IGNORECASE | re.MULTILINE),
    ),
    _REPORTED,
    Fence(re.compile(r"^[ \t]*>", re.MULTILINE), re.compile(r"^[ \t]*>[^\n]*(?:\n(?=[^\n]*\S)[^\n]*)*", re.MULTILINE)),
)
_QUOTATION = re.compile(rf"[{_OPEN}]([^{_OPEN}{_CLOSE}]+)[{_CLOSE}]")
_ORDERS = re.compile(r"\b(?:buy|sell|purchase|short)\s+\S*\d", re.IGNORECASE)
_LETTER = re.compile(r"\w")


class Said(NamedTuple):
    """`own` words, and `pasted` texts as they stood, marks included."""

    own: str
    pasted: tuple[str, ...]


def split_words(text: str) -> Said:
    """Own words and pasted ones; all is own when nothing is marked, and when the whole text is one quotation.

    The fence that opens first is taken first and whole, so that marks inside it mean nothing.
    """
    pasted: list[str] = []
    while (span := _first_fence(text)) is not None:
        pasted.append(text[slice(*span)].strip())
        text = f"{text[: span[0]]}\n{text[span[1] :]}"

    def take(match: re.Match[str]) -> str:
        if not _is_quoted(match[1]):
            return match[0]
        pasted.append(match[0])
        return "\n"

    bare = text.strip()
    if not (bare[:1] in _OPEN and bare[-1:] in _CLOSE):
        bare = _QUOTATION.sub(take, text).strip()
    return Said(bare, tuple(pasted))


def _first_fence(text: str) -> tuple[int, int] | None:
    """Where the fence that opens first stands; to the end of the text when it is never closed."""
    found = [(match.start(), match.end(), fence) for fence in _FENCES if (match := fence.opens.search(text))]
    if not found:
        return None
    start, inside, fence = min(found, key=lambda each: each[:2])
    if fence is _REPORTED and not text[:start].strip():
        start = inside - 1  # "this headline says:" may be all that the person asks
    begins = start if fence is _FENCES[-1] else inside
    ends = [match.end() for match in fence.closes.finditer(text, begins)]
    return start, ends[-1] if ends else len(text)


def _is_quoted(words: str) -> bool:
    return len(words.split()) >= LONG_QUOTE or _ORDERS.search(words) is not None


def check_own(question: str) -> str:
    """The question as it is. InputError when nothing of it is the person's own."""
    if not _LETTER.search(split_words(question).own):
        raise InputError("the question holds only quoted text; say in your own words what to do with it")
    return question
