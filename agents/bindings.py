"""Who paid whom, how much and when: a model's words about a case hold only together as the case has them.

Every account, day and slot of the text must stand in a fragment of the template, word by word, or in a payment told in
one of the usual ways, with that payment's own giver, taker, amount and day. Swapped accounts, a turned direction, an
amount or a day at another payment leave something over. What stands around them is made of the template's words and of
plain ones that claim nothing: whoever may say any word may deny, accuse or add.
"""

from __future__ import annotations

import re

from desk.facts import SLOT
from desk.fraud.story import Move, Story

_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_VERB = (
    r"(?:paid|sent|gave|transferred|moved|passed(?: on)?|wired|remitted|handed(?: on)?|forwarded)"
    r"(?: on)?(?: the sum of)?"
)
_WENT = r"(?:went|moved|passed|flowed|came|was (?:paid|sent|transferred|moved|wired|passed on))?"
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_PLAIN = frozenset(
    [
        "a",
        "about",
        "account",
        "accounts",
        "after",
        "also",
        "an",
        "and",
        "are",
        "as",
        "at",
        "before",
        "below",
        "beside",
        "between",
        "by",
        "case",
        "check",
        "checks",
        "comes",
        "course",
        "desk",
        "during",
        "each",
        "events",
        "facts",
        "figure",
        "figures",
        "file",
        "final",
        "finally",
        "first",
        "follow",
        "followed",
        "following",
        "follows",
        "for",
        "from",
        "further",
        "has",
        "have",
        "here",
        "hold",
        "holds",
        "in",
        "into",
        "is",
        "it",
        "its",
        "last",
        "later",
        "look",
        "next",
        "now",
        "of",
        "on",
        "once",
        "one",
        "open",
        "opens",
        "or",
        "order",
        "paid",
        "part",
        "path",
        "payment",
        "payments",
        "read",
        "reads",
        "rule",
        "rules",
        "say",
        "says",
        "see",
        "sequence",
        "short",
        "show",
        "shows",
        "so",
        "source",
        "sources",
        "step",
        "steps",
        "story",
        "such",
        "sum",
        "summary",
        "tell",
        "tells",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "time",
        "to",
        "together",
        "told",
        "total",
        "transfer",
        "transfers",
        "was",
        "way",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "with",
        "within",
    ]
)
"""Words that say nothing about anybody; no numbers, no denials and no quantities among them."""


def find_unbound(text: str, story: Story) -> list[str]:
    """Everything in an unfilled text that the case does not bind, as sentences; empty means it may stand."""
    rest = _plain(text)
    for fragment in sorted(map(_plain, story.fragments), key=len, reverse=True):
        rest = rest.replace(fragment, " \u0000 ")
    for move in story.moves:
        rest = _told(move).sub(" \u0000 ", rest)
    names = {edge_end for move in story.moves for edge_end in (move.edge.source, move.edge.target)}
    names |= {word for word in story.quoted if " " not in word}
    return [
        *(f"{name!r} stands where the case does not have it" for name in sorted(names) if _stands(name, rest)),
        *(f"the fact {id!r} stands where the case does not have it" for id in SLOT.findall(rest)),
        *(f"the day {day} stands where the case does not have it" for day in _DAY.findall(rest)),
        *(
            f"{word!r} is no word of the case"
            for word in _WORD.findall(SLOT.sub(" ", rest))
            if word.casefold() not in _PLAIN
        ),
    ]


def _plain(text: str) -> str:
    return " ".join(text.replace("**", "").split())


def _stands(name: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


def _told(move: Move) -> re.Pattern[str]:
    """The usual ways to tell of one payment: `A → B: slot on day`, `A paid slot to B`, `slot went from A to B`."""
    giver, taker = (rf"(?<![\w-]){re.escape(name)}(?![\w-])" for name in (move.edge.source, move.edge.target))
    slot, day = rf"\{{\{{\s*f:{move.fact}\s*\}}\}}", rf"(?:,? (?:on )?\(?{move.day}\)?)?"
    arrow = r"(?:\u2192|->|to)"
    ways = (
        rf"(?:from )?{giver} {arrow} {taker}(?:,|:| with| of)? \(?{slot}\)?{day}",
        rf"{giver} {_VERB} {slot} (?:on )?to {taker}{day}",
        rf"{giver} {_VERB} {taker} {slot}{day}",
        rf"{slot} {_WENT} ?from {giver} to {taker}{day}",
        rf"(?:on|On) {move.day},? {giver} {_VERB} {slot} (?:on )?to {taker}",
        rf"(?:on|On) {move.day},? {slot} {_WENT} ?from {giver} to {taker}",
        rf"{taker} (?:received|got) {slot} from {giver}{day}",
    )
    return re.compile("|".join(ways))
