"""Follow-ups that put one thing of the question before in another's place: a number, a superlative, a list."""

from __future__ import annotations

import math
import re

from graphs.following.talk import Talk, only
from graphs.following.words import YEAR, words_of

_NUMBER = re.compile(r"(?<![\w.,:-])\d[\d,]{0,14}(?:\.\d{1,8})?(?![\w:-]|[.,]\d)")
_BESIDE = words_of(
    "and or ok okay then but so what how about if i we it it's they with at for say make made makes was were is rather "
    "falls fall drops drop goes went by only just instead be would to please percent per cent dollars dollar usd"
)
"""What may stand beside a number that is all a question says."""
_ANY_SUPERLATIVE = "highest|lowest|best|worst|largest|smallest|biggest|riskiest|safest|cheapest"
_BESIDE_SUPERLATIVE = words_of("and or what how about the then now one")
_SUPERLATIVE = re.compile(rf"\b(?:{_ANY_SUPERLATIVE})\b", re.IGNORECASE)
_LIST = re.compile(r"\b(?P<name>restricted|watch) list\b", re.IGNORECASE)
_ON_IT = re.compile(r"\bon (?:it|that|the list|there)\b", re.IGNORECASE)
MOST_BACK = 3
"""Questions before, in which a list is looked for."""


def number(talk: Talk) -> str | None:
    """As in "30?", "what if I make it 900?" after no order: the question before with it for the nearest in size."""
    said = _NUMBER.findall(talk.question)
    if len(said) != 1 or talk.ordered or YEAR.fullmatch(said[0]) or not only(_NUMBER.sub(" ", talk.question), _BESIDE):
        return None
    wanted = float(said[0].replace(",", ""))
    found = [one for one in _NUMBER.finditer(talk.before) if not YEAR.fullmatch(one[0])]
    if not found or wanted <= 0:
        return None
    nearest = min(found, key=lambda one: abs(math.log(max(float(one[0].replace(",", "")), 1e-9) / wanted)))
    return f"{talk.before[: nearest.start()]}{said[0]}{talk.before[nearest.end() :]}?"


def superlative(talk: Talk) -> str | None:
    """As in "and the lowest?" after a question for the highest."""
    match, earlier = _SUPERLATIVE.search(talk.question), _SUPERLATIVE.search(talk.before)
    if match is None or earlier is None or not only(_SUPERLATIVE.sub(" ", talk.question), _BESIDE_SUPERLATIVE):
        return None
    word = match[0].casefold()
    if word == earlier[0].casefold():
        return None
    return f"{talk.before[: earlier.start()]}{word}{talk.before[earlier.end() :]}?"


def listed(talk: Talk) -> str | None:
    """As in "is Exxon on it?" after a question on the restricted list."""
    match = _ON_IT.search(talk.question)
    if match is None or not talk.mentions(talk.question):
        return None
    named = (_LIST.search(said) for said in reversed(talk.history[-MOST_BACK:]))
    found = next((one for one in named if one), None)
    return f"{talk.question[: match.start()]}on the {found[0]}{talk.question[match.end() :]}" if found else None
