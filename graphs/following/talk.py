"""A question and the conversation it stands in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from agents.order_wish import OrderWish, read_order
from agents.request import Mention, find_mentions
from desk.instruments import Instrument, Instruments
from graphs.following.words import YEAR


class Named(NamedTuple):
    """An instrument that was spoken of, and the words that named it."""

    words: str
    instrument: Instrument


@dataclass(frozen=True)
class Talk:
    """`question` is read after `history`: the person's earlier questions, complete, the newest last, at least one."""

    question: str
    history: Sequence[str]
    instruments: Instruments

    @property
    def before(self) -> str:
        """The question before, without its mark."""
        return self.history[-1].rstrip(" ?.!")

    @property
    def ordered(self) -> OrderWish | None:
        """The order that the question before was; None for a question of another kind."""
        return read_order(self.before, self.instruments)

    def mentions(self, text: str) -> list[Mention]:
        """See `find_mentions`; in the order of the text."""
        return sorted(find_mentions(text, self.instruments), key=lambda m: m.start)

    def named(self) -> list[Named]:
        """The instruments spoken of, the newest first, none twice."""
        found: dict[str, Named] = {}
        for text in reversed(self.history):
            for mention in reversed(self.mentions(text)):
                words = text[mention.start : mention.end]
                found.setdefault(mention.instrument.id, Named(words, mention.instrument))
        return list(found.values())

    def antecedent(self) -> Named | None:
        """What "it" is: the instrument named last."""
        found = self.named()
        return found[0] if found else None


def only(text: str, allowed: frozenset[str]) -> bool:
    """Whether every word is one of these, a year, or no word at all."""
    words = re.findall(r"[a-z']+|\d+", text.casefold().replace("\u2019", "'"))
    return all(word in allowed or YEAR.fullmatch(word) for word in words)
