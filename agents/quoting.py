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
_FENCES = (
    re.compile(r"(?:```|~~~).*(?:```|~~~)|(?:```|~~~).*", re.DOTALL),
    re.compile(rf"<\s*{_TAGS}\b[^>]*>.*<[\s/\\]*{_TAGS}\s*>|<\s*{_TAGS}\b[^>]*>.*", re.DOTALL | re.IGNORECASE),
    re.compile(
        r"^[ \t]*-{2,}[ \t]*(?:begin|start|original|forwarded|pasted|file|document|attachment|upload)\b.*"
        r"^[ \t]*-{2,}[ \t]*end\b[^\n]*$",
        re.DOTALL | re.IGNORECASE | re.MULTILINE,
    ),
    re.compile(
        r"^[ \t]*-{2,}[ \t]*(?:begin|start|original|forwarded|pasted|file|document|attachment|upload)\b.*",
        re.DOTALL | re.IGNORECASE | re.MULTILINE,
    ),
    re.compile(r"^[ \t]*>[^\n]*(?:\n(?=[^\n]*\S)[^\n]*)*", re.MULTILINE),
)
_OPEN, _CLOSE = '"\u201c\u201d\u201e\u00ab', '"\u201c\u201d\u00bb'
_REPORTED = re.compile(rf":\s*[{_OPEN}].*[{_CLOSE}]", re.DOTALL)
_QUOTATION = re.compile(rf"[{_OPEN}]([^{_OPEN}{_CLOSE}]+)[{_CLOSE}]")
_ORDERS = re.compile(r"\b(?:buy|sell|purchase|short)\s+\S*\d", re.IGNORECASE)
_LETTER = re.compile(r"\w")


class Said(NamedTuple):
    """`own` words, and `pasted` texts in the order of the rules that found them."""

    own: str
    pasted: tuple[str, ...]


def split_words(text: str) -> Said:
    """Own words and pasted ones; all is own when nothing is marked, and when the whole text is one quotation."""
    pasted: list[str] = []

    def take(match: re.Match[str]) -> str:
        pasted.append(match[0].strip())
        return "\n"

    for fence in _FENCES:
        text = fence.sub(take, text)
    bare = text.strip()
    if not (bare[:1] in _OPEN and bare[-1:] in _CLOSE):
        text = _REPORTED.sub(lambda m: ": " + take(m) if _is_quoted(m[0]) else m[0], text)
        text = _QUOTATION.sub(lambda m: take(m) if _is_quoted(m[1]) else m[0], text)
    return Said(text.strip() if pasted else bare, tuple(pasted))


def _is_quoted(words: str) -> bool:
    return len(words.split()) >= LONG_QUOTE or _ORDERS.search(words) is not None


def check_own(question: str) -> str:
    """The question as it is. InputError when nothing of it is the person's own."""
    if not _LETTER.search(split_words(question).own):
        raise InputError("the question holds only quoted text; say in your own words what to do with it")
    return question
