"""What a question says in plain terms: which instruments, which side, how many, at what price.

Reading is deterministic and only from the person's own words. Nothing is guessed: what is not
said is None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from agents.naming import Stranger, find_strangers, is_plain
from agents.order_wish import OrderWish, read_order
from desk.errors import InputError
from desk.instruments import Instrument, Instruments
from rag.knowledge.terms import find_term

LONGEST_QUESTION, LONGEST_WORD = 100_000, 1_000
"""Characters of a question, and of what stands in it without a space: rules read a long run in ever so many ways."""
_STANDS_FOR_NAME = re.compile(
    r"(?:\b(?:price|prices|quote|chart|news|headlines|volatility|shares?|stock|position|holding) (?:of|for|on|about|in)"
    r"|\b(?:buy|sell) \d[\d,.]{0,12}(?: shares?)?(?: of)?|\bquote) $",
    re.IGNORECASE,
)
"""Behind these words a short ticker is one in small letters too."""
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9:/.&-]*|(?<= )&(?= )")


class Mention(NamedTuple):
    """An instrument named in a text, and where: the words are `text[start:end]`, without a possessive s."""

    instrument: Instrument
    start: int
    end: int


@dataclass(frozen=True)
class Request:
    """A question, understood as far as plain rules go."""

    question: str
    mentions: tuple[Mention, ...]
    order: OrderWish | None
    strangers: tuple[Stranger, ...] = ()
    """Names that are no instrument here; a company that only has filings is among them."""
    carried: tuple[Instrument, ...] = ()
    """Those of the question before, without which this one has no meaning."""

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """The instruments it names, each once; when it names none, those it is carried on with."""
        return tuple(mention.instrument for mention in self.mentions) or self.carried

    @property
    def words(self) -> str:
        """The question in lower case with single spaces."""
        return " ".join(self.question.casefold().split())


def check_question(text: str) -> str:
    """The question, trimmed. InputError when empty, too long, without spaces, or not text."""
    if len(text) > LONGEST_QUESTION or len(text.encode("utf-8", "replace")) > LONGEST_QUESTION:
        raise InputError(f"the question has {len(text):,} characters; keep it under {LONGEST_QUESTION:,}")
    longest = max(map(len, text.split()), default=0)
    if longest > LONGEST_WORD:
        raise InputError(f"the question has {longest:,} characters without a space; keep that under {LONGEST_WORD:,}")
    odd = sum(1 for c in text if (ord(c) < 32 and c not in "\n\r\t") or c in "\ufffd\x7f" or 0xD800 <= ord(c) <= 0xDFFF)
    if odd:
        raise InputError("the question holds bytes that are not text; send plain text")
    if not text.strip():
        raise InputError("the question is empty; write what you would like to know or do")
    return text.strip()


@lru_cache(maxsize=16)
def read_request(question: str, instruments: Instruments) -> Request:
    """Reads a checked question; never fails. Read once for all agents of a run."""
    mentions = tuple(find_mentions(question, instruments))
    spans = [(mention.start, mention.end) for mention in mentions]
    strangers = () if find_term(question) else find_strangers(question, spans)
    unknown = tuple(stranger for stranger in strangers if not instruments.speaks_of(stranger.words))
    return Request(question, mentions, read_order(question, instruments), unknown)


def find_mentions(text: str, instruments: Instruments) -> list[Mention]:
    """Every instrument that the text names, longest names first, then in the order of the text; none twice."""
    found: dict[str, Mention] = {}
    words = [_trimmed(match) for match in _WORD.finditer(text.replace("\u2019", "'"))]
    for size in (3, 2, 1):
        for start in range(len(words) - size + 1):
            group = words[start : start + size]
            phrase = " ".join(word for word, _ in group)
            instrument = instruments.find(phrase) or (instruments.find(phrase[:-1]) if _is_plural(phrase) else None)
            begins, (last, at) = group[0][1], group[-1]
            if instrument and (not _is_plain_word(phrase, instrument) or _STANDS_FOR_NAME.search(text[:begins])):
                found.setdefault(instrument.id, Mention(instrument, begins, at + len(last)))
    return list(found.values())


def _trimmed(match: re.Match[str]) -> tuple[str, int]:
    """A word without what ends a sentence or makes it possessive, and where it begins."""
    return match[0].rstrip(".,;:?!'").removesuffix("'s"), match.start()


def _is_plural(phrase: str) -> bool:
    """Whether a possessive may have lost its apostrophe ("Microsofts")."""
    return len(phrase) > 5 and phrase.isalpha() and phrase.endswith("s") and not phrase.endswith("ss")


def _is_plain_word(phrase: str, instrument: Instrument) -> bool:
    """Short tickers are also words ("low", "key"): in lower case those count as words."""
    short = len(phrase) <= 3 and not phrase.isupper() and phrase.casefold() == instrument.symbol.casefold()
    return short and (len(phrase) < 3 or is_plain(phrase))
