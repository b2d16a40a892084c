"""Names in a question that the desk may not know: companies, coins and tickers told from plain words.

A name is a word that the shipped texts never use in lower case (`words/plain.txt`), or one with a capital inside a
sentence, and it stands where a name stands: behind "price of", before "shares", alone behind "and". Nothing is known
of any company beforehand, so a name is what is left: see `docs/routing.md` for what this misses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

WORDS = Path(__file__).parent / "words"
"""`plain.txt`: made by `graphs/plain_words.py`; `everyday.txt`: words of talk that no shipped text happens to use;
`not_names.txt`: what has a capital and is no company: days, months, currencies. The last two are written by hand."""

LONGEST = 4_000
"""Characters that are read for names; what is longer is a text, not a question."""
MOST_WORDS = 4
"""Words of one name."""

_TOKEN = re.compile(r"\$?[^\W\d_][\w&:.'\u2019-]*|(?<= )&(?= )")
_SYMBOL = re.compile(r"\$[A-Za-z]{1,6}|[A-Z]{2,6}:[A-Z0-9.]{1,10}")
_TERM = re.compile(r"(?=.*[A-Z].*[A-Z]|.*[a-z][A-Z])[A-Za-z&]{2,8}")
"""A term of art by its capitals: ETF, VaR, P&L."""

_NUMBERED = re.compile(r"(?<!:)\b[A-Za-z]+[-_]?\d")
"""An account, a case, a quarter; what has a digit is no name unless it is a symbol."""

_SMALL = re.compile(r"(?<![\w$@:/.&'\u2019-])[a-z]{5,24}(?![\w@:/&'\u2019-])")
"""A word in small letters that stands by itself."""
_EDGE = ".,;:?!'\u2019-"
_ENDS_SENTENCE = re.compile(r"[.!?:;\n]\s*[\"“(]*$|^\W*$")
_BEFORE = re.compile(
    r"(?:\b(?:quote|price|chart|how (?:much|many)|of|on|about|for|like|than|vs\.?|versus|buy(?:ing)?|sell(?:ing)?"
    r"|hold(?:ing)?|own(?:ing)?|short(?:ing)?|trad(?:e|ing)|forecasts?|predict|is|are|was|were|has|did|does|will|any|called|named|by"
    r"|says?|said|recommends?|recommended|mentions?|mentioned|suggests?|suggested"
    r"|against|between|(?:shares?|stocks?|position|stake|investe?d?|money) in|(?:compare\b.{0,40}?) (?:with|to)"
    r"|(?:what|how|where|who)(?:'s|\u2019s|s| is| about| are)|same (?:for|with|of)|i meant?|rather|into|to"
    r"|(?:quote|price|show|give|get|tell|send|check) (?:me|us)|does (?:a|one|an?) (?:share|coin|stock) of)"
    r"|\$)\s+(?:(?:shares|stock|one|some|our|my) (?:of )?|(?:in|of) )?[\"“']?$",
    re.IGNORECASE,
)
_OBJECT = re.compile(r"\b(?:of|on|about|for|buy|sell)\s+$", re.IGNORECASE)
_BEHIND = re.compile(
    r"(?:'s|\u2019s|s')?[\"”']?\s*(?:\b(?:inc|corp|plc|ltd|co|ag|sa|nv)\b\.?\s*)?(?:['\u2019]s\b\s*)?"
    r"(?:\b(?:stocks?|shares?|share|prices?|quotes?|news|headlines?|sentiment|volatility|risk|beta|var|earnings"
    r"|revenues?|sales|coins?|tokens?|trading|trades?|doing|worth|up|down|now|today|drawdown|outlook|options?"
    r"|(?:net|gross|operating|total) \w+|income|profits?|filings?|10-?[kq]|8-?k|mood|buzz|dividends?|ticker)\b|\bat\b)",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"['\u2019]s\b")
_OPENED = re.compile(
    r"^\W*(?:(?:and|or|also|then|ok(?:ay)?|now|so|but|well|hmm|fine|no|sorry|wait|actually|please|what about|how about"
    r"|what of|(?:do )?(?:the )?same (?:for|with)|for|on|with|i meant?|then|give me|show me|try)\b[\s,]*)*[\"“']?$",
    re.IGNORECASE,
)
_CLOSED = re.compile(
    r"^(?:['\u2019]s)?[\"”']?(?:\s*,?\s*(?:then|instead|please|too|as well|though|now|pls|thanks"
    r"|(?:the )?same year|(?:in )?that year))*[\s?.!]*$",
    re.IGNORECASE,
)
_JOIN = re.compile(
    r"(?:,\s*(?:and |or )?|\s+(?:and|or|vs\.?|versus|with|than|to|against|nor|&)\s+)(?:also )?(?:of |on |for |in )?$",
    re.IGNORECASE,
)
LONGEST_JOIN = 30
"""Characters between two names that are asked about together."""

_ARTICLE = re.compile(r"\b(?:a|an|the|my|our|your|his|their|this|that|these|those|its)\s+$", re.IGNORECASE)


class Stranger(NamedTuple):
    """A name that is no instrument here: `words` are `text[start:end]`, without a possessive s."""

    words: str
    start: int
    end: int
    certain: bool = True
    """Whether it is marked as a name: by a capital, a sign, or what stands behind it ("tesla shares")."""
    joined: bool = False
    """Whether it is asked about beside a known name: "Apple and Tesla"."""


class _Word(NamedTuple):
    text: str
    start: int
    end: int
    candidate: bool
    strange: bool
    """Whether no shipped text uses it as a word."""


def find_strangers(text: str, known: Sequence[tuple[int, int]]) -> tuple[Stranger, ...]:
    """Names beside the `known` spans, in the order of the text, each once; () for a text that is no question."""
    if len(text) > LONGEST:
        return ()
    found: dict[str, Stranger] = {}
    spans = list(known)
    for group in _groups(text, known):
        start, end = group[0].start, group[-1].end
        if _is_name(text, group, spans):
            spans.append((start, end))
            words = text[start:end]
            marked = _BEHIND.match(text[end:]) or (_OBJECT.search(text[:start]) and "-" not in words)
            certain = not words.islower() or marked is not None
            joined = any(_beside(text, (start, end), span) for span in known)
            found.setdefault(words.casefold(), Stranger(words, start, end, certain, joined))
    return tuple(found.values())


def _beside(text: str, one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether nothing but a join stands between two names."""
    first, second = sorted((one, other))
    between = _POSSESSIVE.sub("", text[first[1] : second[0]])
    return len(between) < LONGEST_JOIN and _JOIN.fullmatch(between) is not None


def _groups(text: str, known: Sequence[tuple[int, int]]) -> list[list[_Word]]:
    """Candidates that stand side by side, each group the longest."""
    shouted = _is_shouted(text)
    groups: list[list[_Word]] = []
    last = -1
    for match in _TOKEN.finditer(text):
        word = _read(text, match, shouted)
        if not word.candidate or any(start < word.end and word.start < end for start, end in known):
            continue
        joined = groups and text[last : word.start] in {" ", " & "} and len(groups[-1]) < MOST_WORDS
        if joined:
            groups[-1].append(word)
        else:
            groups.append([word])
        last = match.end() if match[0].rstrip(_EDGE) == match[0] else -1
    return groups


def _read(text: str, match: re.Match[str], shouted: bool) -> _Word:
    said = _POSSESSIVE.sub("", match[0].rstrip(_EDGE)).rstrip(_EDGE)
    start, end, low = match.start(), match.start() + len(said), said.casefold()
    if _SYMBOL.fullmatch(said):
        return _Word(said, start, end, True, True)
    strange = not is_plain(said)
    inside = not _ENDS_SENTENCE.search(text[:start])
    capital = said[:1].isupper() and inside and not shouted and not (_TERM.fullmatch(said) and not strange)
    candidate = len(said) > 1 and low not in _not_names() and not _NUMBERED.match(said) and (strange or capital)
    return _Word(said, start, end, candidate, strange)


def _is_shouted(text: str) -> bool:
    """Whether capitals say nothing: most words have one."""
    words = [match[0] for match in _TOKEN.finditer(text)]
    return len(words) > 4 and sum(word[:1].isupper() for word in words) > 0.6 * len(words)


def _is_name(text: str, group: list[_Word], known: Sequence[tuple[int, int]]) -> bool:
    """Whether the group stands where a name stands."""
    start, end = group[0].start, group[-1].end
    if any(_SYMBOL.fullmatch(word.text) for word in group):
        return True
    if all(word.text.islower() and _is_slip(word.text) for word in group):
        return False
    before, behind = text[:start], text[end:]
    alone = _OPENED.match(before) is not None and _CLOSED.match(behind) is not None
    if alone:
        return any(word.strange for word in group) or len(text.split()) > 1
    if any(_beside(text, (start, end), span) for span in known):
        return True
    if _BEHIND.match(behind):
        return any(word.strange for word in group) or not _ARTICLE.search(before)
    return _BEFORE.search(before) is not None


@cache
def _plain_words() -> frozenset[str]:
    return _read_words("plain.txt") | _read_words("everyday.txt")


@cache
def _not_names() -> frozenset[str]:
    return _read_words("not_names.txt")


def _read_words(file: str) -> frozenset[str]:
    return frozenset((WORDS / file).read_text(encoding="utf-8").split())


def is_plain(word: str) -> bool:
    """Whether it is a word of the shipped texts, or a form of one; short words in capitals are looked up as such."""
    plain, low = _plain_words(), word.casefold().replace("\u2019", "'")
    if word in plain:
        return True
    if _TERM.fullmatch(word) and low.upper() == word:
        return False
    if low in plain or low in _not_names():
        return True
    if "-" in low:
        return all(is_plain(part) for part in low.split("-") if part)
    return any(form in plain for form in _forms(low))


def _forms(low: str) -> list[str]:
    """What the word may come from: "trades", "halted", "cheapest", "isn't"."""
    forms = [low.partition("'")[0]]
    for ending in ("s", "es", "ed", "d", "ing", "ly", "er", "r", "est", "n't", "ish", "y"):
        if low.endswith(ending) and len(low) - len(ending) >= 3:
            stem = low[: -len(ending)]
            forms += [stem, f"{stem}e", stem[:-1] if stem[-1:] == stem[-2:-1] else stem]
    return [*forms, f"{low[:-3]}y"] if low.endswith("ies") else forms


def _is_slip(low: str) -> bool:
    """Whether a letter missing, doubled or swapped makes it a plain word."""
    return bool(_meant(low))


def mend_slips(text: str, known: Sequence[tuple[int, int]]) -> str:
    """The text with each word in small letters that is one slip from exactly one plain word replaced by it.

    `known` are spans of names, which stay; so does a text that is no question.
    """

    def mend(match: re.Match[str]) -> str:
        word = match[0]
        if is_plain(word) or any(start < match.end() and match.start() < end for start, end in known):
            return word
        meant = _meant(word)
        return next(iter(meant)) if len(meant) == 1 else word

    return text if len(text) > LONGEST else _SMALL.sub(mend, text)


def _meant(low: str) -> set[str]:
    """The plain words that a letter missing, doubled or swapped may have spoilt."""
    if len(low) < 5:
        return set()
    plain, cuts = _plain_words(), [(low[:at], low[at:]) for at in range(1, len(low))]
    edits = {head + tail[1:] for head, tail in cuts if head[-1] == tail[0]}
    edits |= {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    edits |= {head + letter + tail for head, tail in cuts for letter in "abcdefghijklmnopqrstuvwxyz"}
    return edits & plain
