"""Orders said in any words: what is left of a short question when everything that says nothing is taken away.

"Ok, get me another 75.", "oops, 10 of course", "Then 40 of those, buying.", "Actually sell, not buy. Same size.": a
side, a number or a part, a name, or "the same size", in any order. One word more that is none of these, and it is no
order. What is missing comes from the orders and names before; what is read is a proposal like any other, which a
person sees before anything is sent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agents.order_wish import NUMBER, OrderWish, read_order
from graphs.following.talk import Named, Talk
from graphs.following.words import YEAR, words_of

MOST_BACK = 3
"""Questions before, in which the order is looked for that is spoken of."""
_MUTE = words_of(
    "ok okay okey well fine right alright so then now and but please pls plz just only actually really instead rather "
    "better typo oops ups sorry wait hmm hm no yes yeah yep sure course of for me us the a an i i'd i'll i'm we we'd "
    "we'll would like want wanna need let's lets let go with do it them that those these this ones one some more "
    "another other also too as well shares share stock stocks units unit coins coin pieces worth make change put in "
    "order position stake holding holdings on to can could you my our all's thanks thx ty cheers btw what have hold "
    "own there still again maybe perhaps would will say said meant mean number amount quantity "
    "size many much lot lots into from up down out new wrong mistake fat finger nah great good kindly em thereof "
    "thereon thought thoughts think enough is"
)
"""Words that change nothing about an order; "no" alone refuses nothing here, since no order is sent by it."""
_SIDES = {
    "buy": "buy",
    "buying": "buy",
    "purchase": "buy",
    "get": "buy",
    "take": "buy",
    "add": "buy",
    "grab": "buy",
    "sell": "sell",
    "selling": "sell",
    "sale": "sell",
    "dump": "sell",
    "unload": "sell",
    "liquidate": "sell",
    "offload": "sell",
    "trim": "sell",
    "reduce": "sell",
}
_SOFT = frozenset({"get", "take", "add", "grab"})
"""Words for buying that mean other things as well: they count beside an amount."""
_PARTS = frozenset({"all", "half", "quarter", "third", "fifth", "tenth", "everything"})
_COUNTS = {"ten": "10", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "hundred": "100", "dozen": "12"}
_AT = {"first": 0, "former": -2, "second": 1, "latter": -1, "last": -1}
_NOT = re.compile(
    r"\b(?:not|instead of|rather than)\s+(?:to\s+)?\w+|\bis (?:enough|fine|ok|okay|plenty)\b|\bon second thoughts?\b",
    re.IGNORECASE,
)
_SAME = re.compile(r"\b(?:the |that )?same\b(?: (?:size|quantity|amount|number|thing|again|order))?", re.IGNORECASE)
_TOKEN = re.compile(rf"(?P<number>(?<!\w)(?:{NUMBER})\b)|[a-z][a-z']*", re.IGNORECASE)
_RID = re.compile(r"\b(?:get(?:ting)? rid of|part with|cash in|let go of)\b", re.IGNORECASE)
_WANTS = re.compile(r"\b(?:put me down for|sign me up for|pick(?:ing)? up|i'?ll (?:have|take))\b", re.IGNORECASE)
_CORRECTS = re.compile(r"\W*(?:no|nah|sorry|wait|actually|oops|instead|rather)\b", re.IGNORECASE)
"""How one begins who takes back the side of the order before."""
_REQUEST = re.compile(
    r"\W*(?:(?:and|ok(?:ay)?|then|so|please)\W+)*(?:can|could|would|will) (?:you|i|we)\b", re.IGNORECASE
)
_ASKED_TO = re.compile(
    r"\b(?:should|shall|can|could|may) (?:i|we) (?P<side>buy|sell)\b|^\W*(?P<bare>buy|sell)\b", re.IGNORECASE
)


@dataclass
class _Heard:
    """What a sentence says of an order; `odd` is a word that has no place in one."""

    side: str = ""
    soft: bool = False
    number: str = ""
    part: str = ""
    same: bool = False
    at: int | None = None
    odd: bool = False


def loose(talk: Talk) -> str | None:
    """The order that the question is, in the form that the desk reads; None for anything else."""
    named = talk.mentions(talk.question)
    asks = talk.question.rstrip().endswith("?") and not _REQUEST.match(talk.question)
    if len(named) > 1 or asks or read_order(talk.question, talk.instruments) is not None:
        return None
    heard = _hear(talk.question, named)
    if heard is None:
        return None
    before = _order_before(talk)
    corrects = before is not None and bool(heard.side) and _CORRECTS.match(talk.question)
    if named and not (heard.number or heard.part or heard.same or corrects):
        return None
    side = heard.side or (before.side.value if before else _asked(talk))
    found = named[0] if named else _named_before(talk, heard, before)
    amount = heard.number or heard.part or (before.quantity if before and (heard.same or heard.side) else "")
    if not side or found is None or not amount or (heard.soft and before is None and not heard.number):
        return None
    if _is_year(talk, heard, amount) or (heard.part and side == "buy") or (heard.part == "all" and not heard.side):
        return None
    of = " of" if heard.part and not heard.number else ""
    return f"{side} {amount}{of} {_traded(found)}"


def _is_year(talk: Talk, heard: _Heard, amount: str) -> bool:
    """Whether the number is rather a year, since nothing says that it is an amount."""
    return not heard.side and YEAR.fullmatch(amount) is not None and YEAR.search(talk.before) is not None


def _hear(text: str, named: list[Named]) -> _Heard | None:
    """The sentences together; those before the last may also speak of something else, questions may not."""
    for one in named:
        text = f"{text[: one.start]}{' ' * (one.end - one.start)}{text[one.end :]}"
    total = _Heard()
    parts = [part for part in re.split(r"(?<=[.!?])\s+", text) if part.strip()]
    for place, part in enumerate(parts):
        heard = _read(part)
        if heard.odd:
            if place == len(parts) - 1 or "?" in part:
                return None
            continue
        total.side, total.soft = heard.side or total.side, heard.soft or total.soft
        total.number, total.part = heard.number or total.number, heard.part or total.part
        total.same, total.at = heard.same or total.same, heard.at if heard.at is not None else total.at
    return total if total.side or total.number or total.part or total.same else None


def _read(sentence: str) -> _Heard:
    heard = _Heard()
    plain = _WANTS.sub("buy ", sentence)
    plain = _RID.sub("sell ", _NOT.sub(" ", plain.replace("\u2019", "'")))
    heard.same = _SAME.search(plain) is not None
    for match in _TOKEN.finditer(_SAME.sub(" ", plain)):
        _take(heard, match)
    return heard


def _take(heard: _Heard, match: re.Match[str]) -> None:
    word = match[0].casefold()
    number = match["number"] or _COUNTS.get(word, "")
    if number:
        heard.odd = heard.odd or bool(heard.number)
        heard.number = number
    elif word in _SIDES:
        heard.odd = heard.odd or (bool(heard.side) and heard.side != _SIDES[word])
        heard.side, heard.soft = _SIDES[word], word in _SOFT
    elif word in _PARTS:
        heard.part = "all" if word == "everything" else word
    elif word in _AT:
        heard.at = _AT[word]
    elif word not in _MUTE:
        heard.odd = True


def _order_before(talk: Talk) -> OrderWish | None:
    """The newest order among the last questions."""
    wishes = (read_order(said, talk.instruments) for said in reversed(talk.history[-MOST_BACK:]))
    return next((wish for wish in wishes if wish is not None), None)


def _asked(talk: Talk) -> str:
    """The side of "should I buy …", when that was asked a moment ago."""
    found = (_ASKED_TO.search(said) for said in reversed(talk.history[-MOST_BACK:]))
    return next(((match["side"] or match["bare"]).casefold() for match in found if match), "")


def _named_before(talk: Talk, heard: _Heard, before: OrderWish | None) -> Named | None:
    """What is traded when no name was said: the one picked by its place, the one of the order, else the last one."""
    newest = talk.named()
    if heard.at is not None:
        oldest = newest[::-1]
        return oldest[heard.at] if -len(oldest) <= heard.at < len(oldest) else None
    if before is not None and before.instrument is not None and not heard.side:
        return next((one for one in newest if one.id == before.instrument.id), None)
    return talk.antecedent()


def _traded(named: Named) -> str:
    return named.instrument.id if named.instrument else named.words
