"""What a person asked to trade, read from their own words: a side, a quantity or a share of what is held, a price.

Deterministic. Nothing is guessed: what is not said is None, and numbers stay the text that was said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from desk.errors import InputError
from desk.instruments import Instrument, Instruments
from desk.money import parse_decimal
from desk.orders import Side

NUMBER = r"[-+\u2212]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?|nan|-?inf(?:inity)?"
_NAME = r"(?P<name>[A-Za-z][\w:./& -]{0,40})"
_SCALE = {"k": 1_000, "m": 1_000_000, "thousand": 1_000, "million": 1_000_000, "bn": 10**9, "billion": 10**9}
_ORDER = re.compile(
    r"\b(?P<side>buy|sell|purchase|short|order)\s+(?:(?:me|us|order)\s+)?(?:for\s+)?"
    rf"(?P<number>{NUMBER})(?!\s*(?:%|per ?cent))\s*"
    r"(?:(?P<scale>k|m|thousand|million|bn|billion)\b)?\s*"
    rf"(?:(?:shares?|shrs?|units?|coins?|contracts?|lots?)\b)?\s*(?:of\s+)?(?:(?:my|our)\s+)?{_NAME}",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?:(?:put in|place|enter|send|make)\s+(?:an?\s+)?(?P<side>buy(?:ing)?|sell(?:ing)?|purchase)?\s*order|order)\s*"
    rf"(?:for|:|to buy|of)\s*(?P<number>{NUMBER})(?P<scale>)\s*(?:(?:shares?|shrs?|units?)\b)?\s*(?:of\s+)?{_NAME}",
    re.IGNORECASE,
)
_GET = re.compile(
    rf"\b(?P<side>get|take)\s+(?:(?:me|us)\s+)?(?P<number>{NUMBER})(?P<scale>)\s*(?:shares?|shrs?|units?)\s+(?:of\s+)?{_NAME}",
    re.IGNORECASE,
)
_NAME_FIRST = re.compile(
    r"^\W*(?P<name>[A-Za-z][\w:./& -]{0,40}?)\s*[,:]\s*(?P<side>buy|sell|purchase|short)\s+"
    rf"(?P<number>{NUMBER})(?P<scale>)\W*$",
    re.IGNORECASE,
)
_VERB_LAST = re.compile(
    rf"^\W*(?P<number>{NUMBER})(?P<scale>)\s+(?P<name>[A-Za-z][\w:./& -]{{0,40}}?)"
    r"(?:\s+(?:shares?|shrs?|units?|coins?))?"
    r"(?:\s*,?\s*please)?\s*,?\s*(?P<side>buy|sell|purchase|short)(?:\s+please)?\W*$",
    re.IGNORECASE,
)
_NAME_MIDDLE = re.compile(
    r"^\W*(?:(?:please|pls|hi|hello|ok|then|now|and)\W+)*(?P<side>buy|sell)\s+(?:me\s+)?"
    rf"(?P<name>[A-Za-z][\w:./& -]{{0,40}}?)\s*[,:]?\s+(?P<number>{NUMBER})(?P<scale>)"
    r"(?:\s*(?:shares?|shrs?|units?|coins?))?(?:\s*,?\s*(?:please|pls|thanks))?\W*$",
    re.IGNORECASE,
)
_CUT_UNITS = re.compile(
    r"\b(?P<side>sell|reduce|cut|trim)\s+(?:down\s+)?(?:my\s+|our\s+|the\s+)?"
    r"(?P<name>[A-Za-z][\w:./& -]{0,40}?)\s+(?:down\s+)?by\s+"
    rf"(?P<number>{NUMBER})(?P<scale>)(?!\s*(?:%|per ?cent))\b",
    re.IGNORECASE,
)
_LENIENT: tuple[re.Pattern[str], ...] = (_VERB_LAST, _NAME_MIDDLE, _CUT_UNITS)
"""Forms that are an order only with an instrument: "ten reasons to buy" is none."""
_NO_NAME = re.compile(
    r"(?:for (?:me|us)|please|pls|as well|instead|too|of (?:it|them|those|these|em))\W*$", re.IGNORECASE
)
"""What stands behind a quantity where a name would, and is none."""
_OWN = re.compile(r"^(?:my|our|the)\s+(?=\S)", re.IGNORECASE)
_MONEY = re.compile(
    r"^\W*(?:(?:please|hi|hello|ok|then|now|i (?:want|would like|'d like) to|can you|could you)\W+)*"
    r"(?P<side>buy|purchase|invest|put|spend)\s+(?:me\s+)?(?:for\s+)?"
    rf"(?:(?:\$|usd\s*)(?P<sign>{NUMBER})|(?P<plain>{NUMBER})(?=\s*(?:k|thousand)?\s*(?:\$|usd|dollars?)))\s*"
    r"(?P<scale>k|thousand|million)?\s*(?:\$|usd\b|dollars?\b)?\s*(?:worth\s+)?(?:of|in|into|on)\s+"
    rf"(?:shares?\s+(?:of|in)\s+)?{_NAME}",
    re.IGNORECASE,
)
"""A purchase for an amount of money; only as a request, from its first word on."""

_LIMIT = re.compile(rf"(?:@|\bat\b|\blimit(?:\s+of)?\b)\s*\$?(?P<price>{NUMBER})", re.IGNORECASE)
_PARTS = {"all": 1, "half": 2, "quarter": 4, "third": 3, "fifth": 5, "tenth": 10}
_SHARE = rf"(?:(?:a |one )?(?P<part>{'|'.join(_PARTS)})\b|(?P<percent>\d[\d,]*(?:\.\d+)?)\s*(?:%|per ?cent\b))"
_UNITS = r"(?:(?:shares?|units?|coins?|positions?|holdings?|stake)\s+)?(?:(?:of|in)\s+)?"
_OF_HELD = re.compile(
    rf"\b(?:sell|close|reduce|cut|trim)\s+(?:out\s+of\s+)?"
    rf"(?:{_SHARE}\s*(?:of\s+)?(?:(?:my|our|the)\s+)?|(?:my|our)\s+(?:whole\s+|entire\s+)?){_UNITS}{_NAME}",
    re.IGNORECASE,
)
_CUT_BY = re.compile(
    rf"\b(?:sell|reduce|cut|trim)\s+(?:my\s+|our\s+)?{_UNITS}"
    rf"(?P<name>[A-Za-z][\w:./& -]{{0,40}}?)\s+(?:down\s+)?by\s+{_SHARE}",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class OrderWish:
    """What the person asked to trade; `name` is their word for it when `instrument` is unknown.

    `quantity` and `limit` are numbers as text, exactly as said: the gate's side judges them. With `share` the person
    named a part of what is held instead (1 for all of it), or with `amount` the US dollars to buy for; `quantity` is
    empty then.
    """

    side: Side
    quantity: str
    name: str
    instrument: Instrument | None
    limit: str | None
    share: Fraction | None = None
    amount: str = ""


def read_order(question: str, instruments: Instruments) -> OrderWish | None:
    """The order in the question; None when it holds none in so many words."""
    money = _for_money(question, instruments)
    if money is not None:
        return money
    forms = (form.search(question) for form in (_ORDER, _PLACE, _GET, _NAME_FIRST, *_LENIENT))
    match = next((found for found in forms if found), None)
    if match is None:
        return _part_of_held(question, instruments)
    quantity = _scaled(match["number"].replace("\u2212", "-"), match["scale"] or "")
    name = _OWN.sub("", match["name"].strip())
    side = (
        Side.SELL
        if (match["side"] or "").casefold() in {"sell", "selling", "short", "reduce", "cut", "trim"}
        else Side.BUY
    )
    limit = _limit(question, match.end("number"))
    instrument = longest_name(name, instruments)
    if instrument is None and (match.re in _LENIENT or _NO_NAME.match(name)):
        return None
    return OrderWish(side, quantity, _first_words(name), instrument, limit)


def _for_money(question: str, instruments: Instruments) -> OrderWish | None:
    """A purchase for an amount counts only with an instrument: "put 5,000 dollars into funds" is no order."""
    match = _MONEY.search(question)
    instrument = longest_name(match["name"].strip(), instruments) if match is not None else None
    if match is None or instrument is None or "?" in question:
        return None
    amount = _scaled(match["sign"] or match["plain"], match["scale"] or "")
    return OrderWish(Side.BUY, "", _first_words(match["name"].strip()), instrument, None, amount=amount)


def longest_name(name: str, instruments: Instruments) -> Instrument | None:
    """The instrument that the first one to four words name, the most words first; None for none."""
    words = name.split()
    for size in range(min(4, len(words)), 0, -1):
        found = instruments.find(" ".join(words[:size]).rstrip(".,;:?!"))
        if found:
            return found
    return None


def _part_of_held(question: str, instruments: Instruments) -> OrderWish | None:
    """A part of what is held counts only with an instrument: "sell my idea" and "cut all the noise" are no orders."""
    match = _CUT_BY.search(question) or _OF_HELD.search(question)
    if match is None:
        return None
    name = match["name"].strip()
    instrument = longest_name(name, instruments)
    if instrument is None:
        return None
    share = _share(match["part"] or "", match["percent"] or "")
    return OrderWish(Side.SELL, "", _first_words(name), instrument, _limit(question, match.start("name")), share)


def _share(part: str, percent: str) -> Fraction:
    if percent:
        return Fraction(percent.replace(",", "")) / 100
    return Fraction(1, _PARTS[part.casefold()]) if part else Fraction(1)


def _limit(question: str, start: int) -> str | None:
    price = _LIMIT.search(question, start)
    return price["price"].replace("\u2212", "-") if price else None


def _first_words(name: str) -> str:
    return name.split(" at ")[0].split(" @")[0]


def _scaled(number: str, scale: str) -> str:
    try:
        return format(parse_decimal(number, "quantity") * _SCALE.get(scale.casefold(), 1), "f")
    except InputError:
        return number
