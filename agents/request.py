"""What a question says in plain terms: which instruments, which side, how many, at what price.

Reading is deterministic and only from the person's own words. Nothing is guessed: what is not
said is None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from desk.errors import InputError
from desk.instruments import Instrument, Instruments
from desk.money import parse_decimal
from desk.orders import Side

LONGEST_QUESTION = 100_000
_NUMBER = r"[-+\u2212]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?|nan|-?inf(?:inity)?"
_SCALE = {"k": 1_000, "m": 1_000_000, "thousand": 1_000, "million": 1_000_000, "bn": 10**9, "billion": 10**9}
_ORDER = re.compile(
    rf"\b(?P<side>buy|sell|purchase|short)\s+(?P<number>{_NUMBER})\s*"
    r"(?:(?P<scale>k|m|thousand|million|bn|billion)\b)?\s*"
    r"(?:(?:shares?|units?|coins?|contracts?|lots?)\b)?\s*(?:of\s+)?(?P<name>[A-Za-z][\w:./& -]{0,40})",
    re.IGNORECASE,
)
_LIMIT = re.compile(rf"(?:@|\bat\b|\blimit(?:\s+of)?\b)\s*\$?(?P<price>{_NUMBER})", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9:/.&-]*")


@dataclass(frozen=True)
class OrderWish:
    """What the person asked to trade; `name` is their word for it when `instrument` is unknown.

    `quantity` and `limit` are numbers as text, exactly as said: the gate's side judges them.
    """

    side: Side
    quantity: str
    name: str
    instrument: Instrument | None
    limit: str | None


@dataclass(frozen=True)
class Request:
    """A question, understood as far as plain rules go."""

    question: str
    instruments: tuple[Instrument, ...]
    order: OrderWish | None

    @property
    def words(self) -> str:
        """The question in lower case with single spaces."""
        return " ".join(self.question.casefold().split())


def check_question(text: str) -> str:
    """The question, trimmed. InputError when empty, too long, or not text."""
    if len(text) > LONGEST_QUESTION or len(text.encode("utf-8", "replace")) > LONGEST_QUESTION:
        raise InputError(f"the question has {len(text):,} characters; keep it under {LONGEST_QUESTION:,}")
    odd = sum(1 for c in text if (ord(c) < 32 and c not in "\n\r\t") or c in "\ufffd\x7f" or 0xD800 <= ord(c) <= 0xDFFF)
    if odd:
        raise InputError("the question holds bytes that are not text; send plain text")
    if not text.strip():
        raise InputError("the question is empty; write what you would like to know or do")
    return text.strip()


def read_request(question: str, instruments: Instruments) -> Request:
    """Reads a checked question; never fails."""
    return Request(question, tuple(_mentioned(question, instruments)), _order(question, instruments))


def _mentioned(question: str, instruments: Instruments) -> list[Instrument]:
    found: dict[str, Instrument] = {}
    words = [w.rstrip(".,;:?!'").removesuffix("'s") for w in _WORD.findall(question.replace("\u2019", "'"))]
    for size in (3, 2, 1):
        for start in range(len(words) - size + 1):
            phrase = " ".join(words[start : start + size])
            instrument = instruments.find(phrase)
            if instrument and not _is_plain_word(phrase, instrument):
                found.setdefault(instrument.id, instrument)
    return list(found.values())


def _is_plain_word(phrase: str, instrument: Instrument) -> bool:
    """Short tickers are also words ("low", "key"): in lower case they count as words."""
    return len(phrase) <= 3 and not phrase.isupper() and phrase.casefold() == instrument.symbol.casefold()


def _order(question: str, instruments: Instruments) -> OrderWish | None:
    match = _ORDER.search(question)
    if match is None:
        return None
    quantity = _scaled(match["number"].replace("\u2212", "-"), match["scale"] or "")
    name = match["name"].strip()
    instrument = _longest_name(name, instruments)
    price = _LIMIT.search(question, match.end("number"))
    limit = price["price"].replace("\u2212", "-") if price else None
    side = Side.BUY if match["side"].casefold() in {"buy", "purchase"} else Side.SELL
    return OrderWish(side, quantity, name.split(" at ")[0].split(" @")[0], instrument, limit)


def _scaled(number: str, scale: str) -> str:
    try:
        return format(parse_decimal(number, "quantity") * _SCALE.get(scale.casefold(), 1), "f")
    except InputError:
        return number


def _longest_name(name: str, instruments: Instruments) -> Instrument | None:
    words = name.split()
    for size in range(min(4, len(words)), 0, -1):
        found = instruments.find(" ".join(words[:size]).rstrip(".,;:?!"))
        if found:
            return found
    return None
