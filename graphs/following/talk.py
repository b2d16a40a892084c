"""A question and the conversation it stands in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from agents.hanging import defines, standing
from agents.naming import find_strangers
from agents.order_wish import OrderWish, read_order
from agents.request import find_mentions
from desk.instruments import Instrument, Instruments
from graphs.following.words import YEAR
from rag.lines import ProductLines
from rag.query import Companies

_DENIED = re.compile(r",?\s*\b(?:and )?(?:not|instead of|rather than)\s+(?:the )?$", re.IGNORECASE)
_DESCRIBED = re.compile(
    r"\b(?:largest|biggest|smallest|riskiest|safest|worst|best|top|main) (?:\w+ )?"
    r"(?:holding|position|stock|share|name|investment|risk)\b",
    re.IGNORECASE,
)
_WHICH_YEAR = re.compile(r", which year was the \w+$")


class Named(NamedTuple):
    """What was spoken of by name, the words that named it, and where they stand in their text.

    `id` is an instrument's, else the name itself: a company that has only filings, or one that nobody here knows.
    """

    words: str
    start: int
    end: int
    id: str
    instrument: Instrument | None = None


@dataclass(frozen=True)
class Talk:
    """`question` is read after `history`: the person's earlier questions, complete, the newest last, at least one.

    `lines` are there once filings have been read.
    """

    question: str
    history: Sequence[str]
    instruments: Instruments
    companies: Companies
    lines: ProductLines | None = None

    @property
    def before(self) -> str:
        """The question before, without its mark and without asking which of its years was the best."""
        return _WHICH_YEAR.sub("", self.history[-1].rstrip(" ?.!"))

    @property
    def standing(self) -> str:
        """The newest question before that stands alone and explains no word; the question before when none does."""
        found = standing([said for said in self.history if not defines(said.casefold())], self.instruments)
        return _WHICH_YEAR.sub("", found.question.rstrip(" ?.!")) if found else self.before

    @property
    def ordered(self) -> OrderWish | None:
        """The order that the question before was; None for a question of another kind."""
        return read_order(self.before, self.instruments)

    def mentions(self, text: str) -> list[Named]:
        """Instruments, companies with filings, and names that are neither; in the order of the text."""
        known = find_mentions(text, self.instruments)
        found = [Named(text[m.start : m.end], m.start, m.end, m.instrument.id, m.instrument) for m in known]
        for start, end in (*self.companies.spans(text), *self._strangers(text, found)):
            if not any(one.start < end and start < one.end for one in found):
                found.append(Named(text[start:end], start, end, text[start:end].casefold()))
        return sorted(found, key=lambda named: named.start)

    def mentions_known(self, text: str) -> bool:
        """Whether an instrument or a company with filings is named."""
        return bool(find_mentions(text, self.instruments) or self.companies.spans(text))

    def _strangers(self, text: str, known: Sequence[Named]) -> list[tuple[int, int]]:
        spans = [(one.start, one.end) for one in known]
        strangers = find_strangers(text, spans) if read_order(text, self.instruments) is None else ()
        lines = self.lines
        return [
            (s.start, s.end)
            for s in strangers
            if not self.instruments.speaks_of(s.words) and not (lines and lines.knows(s.words))
        ]

    def named(self) -> list[Named]:
        """What was spoken of, the newest first, none twice."""
        found: dict[str, Named] = {}
        for text in reversed(self.history):
            for mention in reversed(self.mentions(text)):
                found.setdefault(mention.id, mention)
        return list(found.values())

    def antecedent(self) -> Named | None:
        """What "it" is: what was named last; None where the question before only described what it asked for."""
        if _DESCRIBED.search(self.before) and not self.mentions(self.before):
            return None
        found = self.named()
        return found[0] if found else None


def affirmed(talk: Talk) -> Talk:
    """Without the names that it says are not meant, where another is: "Merck, not Pfizer"."""
    text, named = talk.question, talk.mentions(talk.question)
    for one in reversed(named):
        denied = _DENIED.search(text[: one.start])
        if denied and len(named) > 1:
            text = f"{text[: denied.start()]}{text[one.end :]}"
    return talk if text == talk.question else replace(talk, question=text)


def only(text: str, allowed: frozenset[str]) -> bool:
    """Whether every word is one of these, a year, or no word at all."""
    words = re.findall(r"[a-z']+|\d+", text.casefold().replace("\u2019", "'"))
    return all(word in allowed or YEAR.fullmatch(word) for word in words)
