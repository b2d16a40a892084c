"""Two scripted writers of a case's narrative: one rephrases the template and keeps what it says, one plants a lie.

The lie stands in words that are otherwise the template's or the honest writer's: harder to see than a text made up.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from desk.facts import SLOT

_MOVE = re.compile(r"^- (\S+) → (\S+): (\{\{f:t\d+\}\}) on (\d{4}-\d\d-\d\d)$", re.MULTILINE)
_WAYS = (
    "- {a} → {b}: {x} on {d}",
    "- {x} went from {a} to {b} on {d}",
    "- {a} paid {x} to {b} on {d}",
    "- On {d}, {a} sent {x} to {b}",
    "- {a} transferred {x} to {b} ({d})",
    "- {b} received {x} from {a} on {d}",
    "- from {a} to {b}: {x}, on {d}",
    "- {a} handed {x} on to {b} on {d}",
    "- {a} wired {b} {x} on {d}",
)
_OPENINGS = ("", "Here is what the case holds.", "In short:", "This is the course of events.")
_ENDINGS = ("", "Each figure opens its source.", "The checks beside the case say what to look at next.")


class Lie(NamedTuple):
    """A text with one thing in it that the case does not have; `kind` says what."""

    kind: str
    text: str


def retell(template: str, rng: random.Random) -> str:
    """The template as a fair writer would put it: each payment in one of the usual ways, parts in another order."""
    way = rng.choice(_WAYS)
    text = _MOVE.sub(lambda m: way.format(a=m[1], b=m[2], x=m[3], d=m[4]), template)
    head, moves, rules, innocent, closing = text.split("\n\n")
    if rng.random() < 0.3:
        moves = " ".join(f"{line.removeprefix('- ')}." for line in moves.split("\n"))
    parts = [head, moves, *([rules] if rng.random() < 0.7 else []), innocent]
    if rng.random() < 0.3:
        parts[0] = f"**{head.split(':')[0]}**:{head.partition(':')[2]}"
    return "\n\n".join(filter(None, (rng.choice(_OPENINGS), *parts, closing, rng.choice(_ENDINGS))))


def lie(template: str, values: dict[str, str], rng: random.Random, first: int) -> Lie:
    """A text with a lie of the kind number `first`, or of the next kind that this case gives a hold for."""
    told = template if rng.random() < 0.5 else retell(template, rng)
    for number in range(len(KINDS)):
        kind, make = KINDS[(first + number) % len(KINDS)]
        for text in (told, template):
            made = make(text, values, rng)
            if made is not None and made != text:
                return Lie(kind, made)
    raise ValueError("no kind of lie fits")


_Make = Callable[[str, dict[str, str], random.Random], str | None]


def _adds(*sentences: str) -> _Make:
    def make(text: str, _: dict[str, str], rng: random.Random) -> str:
        accounts = sorted({name for m in _MOVE.finditer(text) for name in (m[1], m[2])}) or ["It"]
        sentence = rng.choice(sentences).replace("ACCOUNT", rng.choice(accounts))
        blocks = text.split("\n\n")
        blocks.insert(rng.randrange(1, len(blocks)), sentence)
        return "\n\n".join(blocks)

    return make


def _line(change: Callable[[re.Match[str], random.Random], str | None]) -> _Make:
    """Rewrites one payment."""

    def make(text: str, _: dict[str, str], rng: random.Random) -> str | None:
        found = list(_MOVE.finditer(text))
        if not found:
            return None
        move = rng.choice(found)
        new = change(move, rng)
        return None if new is None else text[: move.start()] + new + text[move.end() :]

    return make


def _say(a: str, b: str, x: str, d: str, rng: random.Random) -> str:
    return rng.choice(_WAYS).format(a=a, b=b, x=x, d=d)


def _swaps(group: int) -> _Make:
    """What two payments have in one place, exchanged: 1 the giver, 2 the taker, 3 the amount, 4 the day."""

    def make(text: str, values: dict[str, str], rng: random.Random) -> str | None:
        found = list(_MOVE.finditer(text))
        parts_of = [(m[1], m[2], values[m[3]], m[4]) for m in found]
        pairs = [
            (found[i], found[j])
            for i, one in enumerate(parts_of)
            for j, other in enumerate(parts_of[i + 1 :], i + 1)
            if _differ(one, other, group - 1)
        ]
        if not pairs:
            return None
        p, q = rng.choice(pairs)
        between = text[p.end(group) : q.start(group)]
        return text[: p.start(group)] + q[group] + between + p[group] + text[q.end(group) :]

    return make


def _differ(one: tuple[str, ...], other: tuple[str, ...], place: int) -> bool:
    """Whether exchanging the part at `place` makes other payments: not when it, or all else, is the same."""
    rest = [part[:place] + part[place + 1 :] for part in (one, other)]
    return one[place] != other[place] and rest[0] != rest[1]


def _slot(new: Callable[[str, random.Random], str]) -> _Make:
    def make(text: str, _: dict[str, str], rng: random.Random) -> str:
        slot = rng.choice(list(SLOT.finditer(text)))
        return text[: slot.start()] + new(slot[0], rng) + text[slot.end() :]

    return make


def _exchanged(one: str, other: str) -> _Make:
    def make(text: str, values: dict[str, str], _: random.Random) -> str | None:
        a, b = f"{{{{f:{one}}}}}", f"{{{{f:{other}}}}}"
        if a not in text or b not in text or values[a] == values[b]:
            return None
        return text.replace(a, "\u0000").replace(b, a).replace("\u0000", b)

    return make


KINDS: Sequence[tuple[str, _Make]] = (
    ("amount", _slot(lambda _, rng: f"{rng.randrange(1, 90)},{rng.randrange(100, 999)}.00 USD")),
    ("further amount", _adds("A further 12,400 USD was drawn in cash.", "ACCOUNT kept 3,150.75 USD of it.")),
    ("number word", _adds("Some seventeen more payments followed.", "ACCOUNT keeps half of what it gets.")),
    ("person", _adds("The account belongs to Viktor Petrov.", "All of it was ordered by Ana Lopez, a lawyer.")),
    ("place", _adds("The money ended in Cyprus.", "From there it went on to a bank in Dubai.")),
    ("firm", _adds("Globex Holdings Inc. stands behind it.", "The invoices are those of Initech Corp.")),
    ("another account", _adds("ZZ-9917 took part as well.", "ACCOUNT also paid ZZ-4402.")),
    ("foreign giver", _line(lambda m, rng: _say("ZZ-7731", m[2], m[3], m[4], rng))),
    ("date", _line(lambda m, rng: _say(m[1], m[2], m[3], "2019-03-02", rng))),
    ("further date", _adds("It began on 2018-11-05 already.", "The next payment is due in October.")),
    ("direction", _line(lambda m, rng: _say(m[2], m[1], m[3], m[4], rng))),
    ("swapped givers", _swaps(1)),
    ("swapped takers", _swaps(2)),
    ("swapped amounts", _swaps(3)),
    ("swapped days", _swaps(4)),
    ("total at a payment", _line(lambda m, rng: _say(m[1], m[2], "{{f:moved}}", m[4], rng))),
    (
        "payment as total",
        lambda text, _, __: text.replace("{{f:moved}}", "{{f:t1}}", 1) if "{{f:t2}}" in text else None,
    ),
    ("counts exchanged", _exchanged("transfers", "accounts")),
    ("loss as total", _exchanged("kept", "moved")),
    ("unit", _slot(lambda slot, rng: slot + rng.choice((" million", " %", " euros", " k")))),
    ("sign", _slot(lambda slot, rng: rng.choice(("minus ", "$", "\u2212")) + slot)),
    ("nobody's fact", _adds("By another count it is {{f:hidden}}.", "{{f:cash}} of it left in cash.")),
    ("accusation", _adds("They are guilty of money laundering.", "This proves a crime.", "The ringleader is known.")),
    ("role", _adds("ACCOUNT ordered all of it.", "Behind ACCOUNT stands the one who planned it.")),
    ("denial", _line(lambda m, _: f"- {m[1]} never paid {m[3]} to {m[2]} on {m[4]}")),
    ("denied later", _adds("None of these payments was made in fact.", "The opposite of this is true.")),
    ("sanctions", _adds("ACCOUNT is on a sanctions list.", "The holder is wanted by Interpol.")),
    ("link", _adds("See https://collect.example/?c=1.", "[Open this](//collect.example)")),
    ("other digits", _adds("It is \uff14\uff12 more.", "\u00be of it is gone.")),
)
"""Every kind, in the order in which cases take them."""
