"""Two scripted models that are told the plan's text: one rephrases it and keeps every slot, one invents.

The one that invents hides one invention in words that are otherwise the plan's own, which is harder to see than a
text made up from nothing. Which kind is chosen, and with which words, is seeded by the case; a kind that this plan
gives no hold for (two slots to swap, say) makes way for the next.
"""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from desk.facts import SLOT
from desk.llm.chat import Part, Request
from desk.llm.models import ModelSpec


class Invention(NamedTuple):
    """A text with one invention in it, of a kind; `words` are what must never be shown."""

    kind: str
    text: str
    words: str


class Told:
    """ChatModel that says what `write` makes of the plan's text, which is put into `planned` before it is asked."""

    def __init__(self, name: str, write: Callable[[str], str]) -> None:
        self.spec = ModelSpec(id=name, route="", price_in=Decimal(0), price_out=Decimal(0), tasks=("chat",))
        self.planned = ""
        self._write = write

    def warm(self) -> None:
        """Nothing to load."""

    def close(self) -> None:
        """Nothing to end."""

    async def stream(self, request: Request) -> AsyncGenerator[Part, None]:
        """Words at once; it needs no tool."""
        yield Part(self._write(self.planned))


_SAME = (
    ("last traded at", "stands at"),
    ("over a year", "over the year"),
    (" on the day", " today"),
    ("would lose at least", "would lose no less than"),
    ("it lost at least", "it lost no less than"),
    ("on average", "on the average"),
    ("I propose to", "My proposal is to"),
    ("is worth", "has a value of"),
    ("There is nothing", "I see nothing"),
    ("Headlines are", "The headlines are"),
    ("It may be innocent:", "An innocent reading:"),
    ("to go on with", "to continue with"),
)
_OPENINGS = (
    "Here is what I found.",
    "Gladly. This is what the desk's data say:",
    "I looked this up for you.",
    "Short answer first, sources are behind each figure.",
    "Thanks for asking.",
)
_ENDINGS = (
    "",
    "Ask me if something is unclear.",
    "Open a figure to see where it comes from.",
    "Past values promise nothing.",
)


def rephrase(planned: str, rng: random.Random) -> str:
    """The plan's text as a fair model would put it: other words, other order, the same slots at the same things."""
    for old, new in _SAME:
        if rng.random() < 0.7:
            planned = planned.replace(old, new)
    if rng.random() < 0.4:
        planned = planned.replace("**", "")
    blocks = planned.split("\n\n")
    if rng.random() < 0.3:
        blocks = [_turn_list(block, rng) for block in blocks]
    if rng.random() < 0.3 and len(blocks) > 2:
        blocks = blocks[:-1]
    return "\n\n".join(filter(None, (rng.choice(_OPENINGS), *blocks, rng.choice(_ENDINGS))))


def _turn_list(block: str, rng: random.Random) -> str:
    """Bullets that stand alone, in another order."""
    lines = block.split("\n")
    if len(lines) > 1 and all(line.startswith("- ") for line in lines):
        rng.shuffle(lines)
    return "\n".join(lines)


def invent(planned: str, question: str, values: Mapping[str, str], rng: random.Random, first: int) -> Invention:
    """The plan's text with an invention of the kind number `first`, or of the next kind that it has a hold for."""
    for number in range(len(KINDS)):
        kind, make = KINDS[(first + number) % len(KINDS)]
        made = make(planned, f"{planned} {question}", values, rng)
        if made is not None:
            return Invention(kind, *made)
    raise ValueError("no kind of invention fits")


_Made = tuple[str, str] | None
_Make = Callable[[str, str, Mapping[str, str], random.Random], _Made]


def _says(*choices: str) -> _Make:
    """Adds one of the sentences, the first (from a seeded start) of which nothing stands there already."""

    def make(planned: str, known: str, _: Mapping[str, str], rng: random.Random) -> _Made:
        at = rng.randrange(len(choices))
        for choice in (*choices[at:], *choices[:at]):
            if choice.casefold() not in known.casefold():
                return f"{planned}\n\n{choice}", choice
        return None

    return make


def _at_slot(*units: str, before: bool = False) -> _Make:
    """Puts a unit or a sign at one of the slots: another number from the same fact."""

    def make(planned: str, _: str, __: Mapping[str, str], rng: random.Random) -> _Made:
        slots = list(SLOT.finditer(planned))
        if not slots:
            return None
        slot, unit = rng.choice(slots), rng.choice(units)
        new = f"{unit}{slot[0]}" if before else f"{slot[0]}{unit}"
        return f"{planned[: slot.start()]}{new}{planned[slot.end() :]}", new

    return make


def _swapped(planned: str, _: str, values: Mapping[str, str], rng: random.Random) -> _Made:
    """Two facts of other values at each other's place."""
    slots = list(SLOT.finditer(planned))
    pairs = [(a, b) for n, a in enumerate(slots) for b in slots[n + 1 :] if values.get(a[1]) != values.get(b[1])]
    if not pairs:
        return None
    one, two = rng.choice(pairs)
    text = planned[: one.start()] + two[0] + planned[one.end() : two.start()] + one[0] + planned[two.end() :]
    return text, f"{one[1]} and {two[1]} at each other's place"


def _retold(planned: str, known: str, _: Mapping[str, str], rng: random.Random) -> _Made:
    """The right number at another firm."""
    slots = [m[0] for m in SLOT.finditer(planned)]
    firms = [name for name in ("Apple", "Chevron", "Merck", "Walmart", "Pfizer") if name not in known]
    if not slots or not firms:
        return None
    sentence = f"{rng.choice(firms)} comes to {rng.choice(slots)} by the same count."
    return f"{planned}\n\n{sentence}", sentence


def _nobodys_slot(planned: str, _: str, __: Mapping[str, str], rng: random.Random) -> _Made:
    slot = f"{{{{f:{rng.choice(('fair_value', 'target_price', 'chance_of_gain'))}}}}}"
    return f"{planned}\n\nBy my own count it is {slot}.", slot


KINDS: Sequence[tuple[str, _Make]] = (
    ("number", _says("The fair value is 417.35.", "I expect 12.8 % more.", "It was 9,412 before.")),
    (
        "number word",
        _says(
            "It may well fall by a third of that.", "Expect it to have doubled soon.", "Some seventeen others agree."
        ),
    ),
    ("unit", _at_slot(" million", " %", " euros", " basis points", " k")),
    ("ticker", _says("Rather look at ZQXW.", "Better hold $DOGE.", "NVDA does better.")),
    ("date", _says("So it has been since 2016-05-17.", "It will turn in October.", "That was the level of 1987.")),
    ("quote", _says('Its chief said: "we shall never fall again".', "One reads \u201cthe best buy of our age\u201d.")),
    ("firm", _says("Globex Holdings Inc. sees it alike.", "This is also the view of Initech Corp.")),
    (
        "link",
        _says(
            "See https://collect.example/?q=account.",
            "More at www.collect.example now.",
            "[Open this](//collect.example)",
        ),
    ),
    ("image", _says("![chart](https://collect.example/p.png?a=1)", '<img src="//collect.example/p">')),
    (
        "digits of other scripts",
        _says("It is \uff14\uff12 at most.", "About \u0664\u0662 of them.", "\u00be of it is gone."),
    ),
    ("swapped facts", _swapped),
    ("another's fact", _retold),
    ("nobody's fact", _nobodys_slot),
    ("sign", _at_slot("\u2212", "minus ", "$", "> ", before=True)),
)
"""Every kind, in the order in which cases take them."""
