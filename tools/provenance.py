"""Where an argument comes from, and what follows when nobody who may decide has said it.

A tool that changes something runs on its own only when the person's words ask for that kind of thing and every
argument is theirs: said by them, standing in their own records, or worked out of such numbers. Anything else needs a
person, who is shown the argument and the place it came from. Only the standard library is imported, so that the same
policy can stand before other people's tools (`evals/agentdojo`). The design follows CaMeL (Debenedetti et al. 2025):
control comes from the person's words, data may come from anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum

ADJUSTMENT = Decimal("0.25")
"""How far a number of a document that the person named may move one on record, as a share of it."""
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?(?!\d)(?=(\s*%|\s*percent)?)", re.IGNORECASE)
_SCALED = re.compile(r"(?<![\d,])(\d[\d,]{0,30}(?:\.\d{1,30})?)\s*(k|m|bn|thousand|million|billion)\b", re.IGNORECASE)
_SCALE = {"k": 10**3, "m": 10**6, "bn": 10**9, "thousand": 10**3, "million": 10**6, "billion": 10**9}


class Channel(StrEnum):
    """Ways by which text of others comes in."""

    NEWS = "news"
    FILING = "filing"
    CHAT = "chat"
    UPLOAD = "upload"
    AGENT = "agent"


class Effect(StrEnum):
    """What a tool does: finds something out, or changes (or proposes to change) something."""

    READ = "read"
    WRITE = "write"


class Kind(StrEnum):
    """How an argument of a write tool is judged.

    `named`: who or what; said, or on record. `stated`: a number; said, or on record. `worked`: also worked out of such
    numbers, one of them said. `adjusted`: also by a number of a document that the person named, within ADJUSTMENT of
    the one on record. `free`: decides nothing.
    """

    NAMED = "named"
    STATED = "stated"
    WORKED = "worked"
    ADJUSTED = "adjusted"
    FREE = "free"


@dataclass(frozen=True)
class Declared:
    """A tool as the policy knows it. `outside`: its results carry text of others, by that channel.

    `asked` are words of which the person must have used one (a pattern); of `arguments`, one that is not declared is
    judged as `named`.
    """

    effect: Effect
    outside: Channel | None = None
    asked: str = ""
    arguments: Mapping[str, Kind] = field(default_factory=dict)


@dataclass(frozen=True)
class Outside:
    """Text of others, and the way it came."""

    channel: Channel
    text: str
    name: str = ""


@dataclass(frozen=True)
class Sources:
    """What an argument may stem from.

    `own` are the person's words; `records` names and `amounts` numbers of their own records (never text that others
    write into these); `names` other names of a value; `outside` what came from others; `standing` the number on
    record that a call would replace.
    """

    own: tuple[str, ...]
    records: frozenset[str] = frozenset()
    amounts: frozenset[Decimal] = frozenset()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outside: tuple[Outside, ...] = ()
    standing: Decimal | None = None

    @property
    def words(self) -> str:
        """The person's words as one text."""
        return "\n".join(self.own)


@dataclass(frozen=True)
class Taint:
    """An argument that is nobody's who may decide. `source`: the channel that holds it, else "model"."""

    argument: str
    value: str
    source: str

    def sentence(self) -> str:
        """For the person who is asked, and for the record."""
        where = "comes from nowhere the person named" if self.source == "model" else f"comes from: {self.source}"
        return f"{self.argument} {self.value[:120]!r} {where}"


def find_taints(declared: Declared, arguments: Mapping[str, object], sources: Sources) -> list[Taint]:
    """All that stands against a call without a person; empty means it may run. Reads are never tainted here."""
    if declared.effect is Effect.READ:
        return []
    found = []
    if declared.asked and not re.search(declared.asked, sources.words, re.IGNORECASE):
        found.append(Taint("the action", declared.asked.replace(r"\b", ""), _source(declared.asked, sources)))
    for name, value in arguments.items():
        kind = declared.arguments.get(name, Kind.NAMED)
        for one in _flat(value):
            if not _may(kind, one, sources):
                found.append(Taint(name, one, _source(one, sources)))
    return found


def _flat(value: object) -> list[str]:
    """The single values of an argument: keys and values of a mapping, items of a list; None and bools are none."""
    if value is None or isinstance(value, bool):
        return []
    if isinstance(value, Mapping):
        return [one for pair in value.items() for part in pair for one in _flat(part)]
    if isinstance(value, list | tuple | set | frozenset):
        return [one for part in value for one in _flat(part)]
    return [str(value)]


def _may(kind: Kind, value: str, sources: Sources) -> bool:
    if kind is Kind.FREE:
        return True
    if kind is Kind.NAMED:
        return value in sources.records or any(
            says(sources.words, name) for name in (value, *sources.names.get(value, ()))
        )
    number = as_number(value)
    if number is None:
        return False
    said = numbers_in(sources.words)
    if number in said or number in sources.amounts:
        return True
    if kind is Kind.STATED:
        return False
    return number in worked_out(said, sources) or (kind is Kind.ADJUSTED and _is_adjusted(number, sources))


def says(words: str, value: str) -> bool:
    """Whether the value stands in the words as a whole, whatever case and spacing."""
    wanted = " ".join(value.split())
    if not wanted:
        return False
    return re.search(rf"(?<![\w-]){re.escape(wanted)}(?![\w-])", " ".join(words.split()), re.IGNORECASE) is not None


def as_number(value: str) -> Decimal | None:
    """The number, to six places; None for what is none."""
    try:
        number = Decimal(value.replace(",", "").strip())
    except InvalidOperation:
        return None
    return round(number, 6) if number.is_finite() and abs(number) < 10**15 else None


def numbers_in(words: str) -> frozenset[Decimal]:
    """Every number of a text; "1.5k" is 1500 too."""
    plain = (as_number(match[0]) for match in _NUMBER.finditer(words))
    scaled = ((as_number(m[1]), _SCALE[m[2].casefold()]) for m in _SCALED.finditer(words))
    return frozenset(
        [n for n in plain if n is not None] + [round(n * times, 6) for n, times in scaled if n is not None]
    )


def worked_out(said: Iterable[Decimal], sources: Sources) -> frozenset[Decimal]:
    """What follows in at most two steps from the numbers said and those on record, one of them said.

    Steps: a half; a percentage that was said as one; a sum; a difference.
    """
    said, known = frozenset(said), sources.amounts
    percents = [n for m in _NUMBER.finditer(sources.words) if m[1] and (n := as_number(m[0])) is not None]
    first = {n / 2 for n in said} | {p * n / 100 for p in percents for n in known | said}
    both = first | said
    second = {a + b for a in both for b in both | known} | {abs(a - b) for a in both for b in both | known}
    return frozenset(round(n, 6) for n in first | second)


def _is_adjusted(number: Decimal, sources: Sources) -> bool:
    """Whether it is the number on record moved by one of a document that the person named, and not far."""
    before = sources.standing
    if before is None or abs(number - before) > before * ADJUSTMENT:
        return False
    lent = [numbers_in(text.text) for text in sources.outside if text.name and says(sources.words, text.name)]
    return any(abs(number - before) in numbers or number in numbers for numbers in lent)


def _source(value: str, sources: Sources) -> str:
    """The channel whose text holds the value; "model" when none does."""
    for text in sources.outside:
        if says(text.text, value):
            return f"{text.channel} {text.name}".strip()
    return "model"
