"""The right number in the wrong place: a slot of a model's text whose words are those of another fact.

Each fact has a setting: its label, and the words around it where the plan puts it. A model may say these in its own
way; but when what it writes around a slot fits the setting of another fact better than that of the slot itself, or
names an instrument that the fact is not about, the number would be told of something else. Facts of equal value are
the same to a reader and are not told apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from desk.facts import SLOT, Fact
from desk.instruments import Instruments

_WORD = re.compile(r"[a-z0-9][a-z0-9&'-]+")
_LETTER = re.compile(r"[A-Za-z]")
_EMPTY = frozenset(
    _WORD.findall(
        "the and that this then than with from about would has had was were are is it its an at by on in of to for or "
        "as not"
    )
)
"""Words that say nothing of what a number is."""


class Place(NamedTuple):
    """One slot where it stands: the words right before and behind it, those that open its line, and its neighbour."""

    id: str
    before: str
    behind: str
    opening: str
    after: str


def find_misplaced(text: str, plan: str, facts: Iterable[Fact], instruments: Instruments) -> list[str]:
    """Every slot of an unfilled text that stands for another fact, as sentences; empty means each stands right."""
    known = {fact.id: fact for fact in facts}
    planned = _places(plan)
    settings = {id: _words(fact.label, fact.as_of) for id, fact in known.items()}
    for place in planned:
        if place.id in settings:
            settings[place.id] |= _words(place.before, place.behind, place.opening)
    rivals = {place.id for place in planned} | set(SLOT.findall(text))
    pairs = {(place.after, place.id) for place in planned}
    found = []
    for place in _places(text):
        fact = known.get(place.id)
        if fact is None:
            continue
        others = [known[id] for id in rivals if id in known and not _same(known[id], fact)]
        if _is_bare(place) and others and (place.after, place.id) not in pairs and planned:
            found.append(f"the number of {fact.label!r} stands in a row where the plan has another")
        elif fault := _fault(place, fact, others, settings, instruments):
            found.append(fault)
    return found


def _fault(
    place: Place, fact: Fact, others: list[Fact], settings: dict[str, frozenset[str]], instruments: Instruments
) -> str:
    named = _last_named(f"{place.opening} {place.before}", instruments)
    own = _subject(fact, instruments)
    if named and own and named != own:
        return f"the number of {fact.label!r} is told of {named}"
    words = _words(place.before, place.behind)
    opening = frozenset[str]() if _last_named(place.before, instruments) else _words(place.opening)

    def fit(id: str) -> tuple[int, int]:
        return len(words & settings[id]), len(opening & settings[id])

    better = next((other for other in others if words and fit(other.id) > fit(fact.id)), None)
    return "" if better is None else f"the words at the number of {fact.label!r} speak of {better.label!r}"


def _places(text: str) -> list[Place]:
    places = []
    for line in text.splitlines():
        pieces = SLOT.split(line)  # words, id, words, id, …, words
        for at in range(1, len(pieces), 2):
            after = pieces[at - 2] if at > 1 else ""
            places.append(Place(pieces[at], pieces[at - 1], pieces[at + 1], pieces[0], after))
    return places


def _is_bare(place: Place) -> bool:
    """Whether nothing but signs stands between the slot and the one before it."""
    return bool(place.after) and _LETTER.search(place.before) is None


def _same(one: Fact, other: Fact) -> bool:
    return (one.value, one.unit, one.currency) == (other.value, other.unit, other.currency)


def _words(*texts: str) -> frozenset[str]:
    return frozenset(word for text in texts for word in _WORD.findall(text.casefold())) - _EMPTY


def _subject(fact: Fact, instruments: Instruments) -> str:
    """The instrument that a fact's label begins with; empty for none."""
    found = instruments.find(fact.label.split(" ")[0])
    return found.id if found else ""


def _last_named(text: str, instruments: Instruments) -> str:
    """The id of the instrument that is named last; empty for none."""
    last, at = "", -1
    for one in instruments:
        for name in (one.id, one.symbol, one.name):
            place = _rfind(text, name)
            if place > at:
                last, at = one.id, place
    return last


def _rfind(text: str, name: str) -> int:
    at = text.rfind(name)
    while at >= 0:
        end = at + len(name)
        if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
            return at
        at = text.rfind(name, 0, at)
    return -1
