"""A market's move that a person supposes ("what if stocks fall 20 %?"), or a scenario that is named, from words."""

from __future__ import annotations

import re

_THINGS = {
    "equity": r"stocks?(?: market)?|shares|equit(?:y|ies)|the market|markets|s ?& ?p(?: ?500)?|spx",
    "bonds": r"bonds?(?: prices?)?|long bonds?",
    "dollar": r"(?:the )?(?:us )?dollar|usd",
    "oil": r"oil(?: prices?)?|crude|wti",
    "crypto": r"crypto(?:currenc(?:y|ies))?|bitcoin",
}
_DOWN = r"falls?|fell|drops?|dropped|loses?|lost|declines?|crash(?:es|ed)?|slides?|goes down|go down|down|minus|-"
_UP = r"rises?|rose|gains?|gained|jumps?|climbs?|goes up|go up|up|plus|\+"
_SUPPOSED = re.compile(r"\b(?:if|suppose|assume|assuming|should|were|scenario|shock|stress)\b", re.I)
_MOVE = {
    name: re.compile(
        rf"\b(?:{words})\b[^,.;?!\d]{{0,20}}?(?P<way>{_DOWN}|{_UP})\s*(?:by\s+)?(?:about\s+)?"
        rf"(?P<much>\d{{1,3}}(?:\.\d+)?)\s*(?:%|per ?cent|percent)",
        re.I,
    )
    for name, words in _THINGS.items()
}
_NAMED = {
    "covid_2020": r"covid|corona|pandemic",
    "lehman_2008": r"lehman",
    "crisis_2007": r"financial crisis|credit crunch|gfc|2008|2007",
    "dotcom_2000": r"dot-?com|internet bubble|tech bubble",
    "gulf_1990": r"gulf (?:war|crisis)|kuwait",
    "russia_1998": r"ltcm|russia\w* (?:default|crisis)",
    "downgrade_2011": r"euro crisis|downgrade",
    "china_2015": r"china\W{0,3}s? devaluation|yuan",
    "rates_2022": r"2022|inflation",
    "winter_2018": r"2018",
    "recession": r"recession",
}
_FALLS = re.compile(rf"(?:{_DOWN})$", re.I)


def find_shock(question: str) -> str:
    """The move as `desk.risk.stress.read_shock` reads it (`equity=-20,oil=33`); empty when none is supposed.

    Without a word of supposition a move is news and no shock. A fall of more than everything is left to the reader
    to refuse.
    """
    if _SUPPOSED.search(question) is None:
        return ""
    moves = []
    for name, pattern in _MOVE.items():
        found = pattern.search(question)
        if found is not None:
            sign = "-" if _FALLS.match(found["way"]) else ""
            moves.append(f"{name}={sign}{found['much']}")
    return ",".join(moves)


def find_scenario(question: str) -> str:
    """The key of the scenario that the question names, by `desk.risk.stress`; empty for none."""
    return next((key for key, words in _NAMED.items() if re.search(rf"\b(?:{words})\b", question, re.I)), "")
