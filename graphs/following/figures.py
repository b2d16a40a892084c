"""Follow-ups on a company's report: another figure, another company, the best year."""

from __future__ import annotations

import re

from graphs.following.talk import Talk, only
from graphs.following.words import FIGURE, YEAR, words_of

LONGEST_SPAN = 24
"""Characters of years that are named together."""
MOST_BACK = 4
"""Questions before, in which the figure is looked for that is spoken of."""
FILLERS = words_of(
    "and no sorry wait hmm hm i i'd mean meant want need like same thing things for also only just what about how the "
    "a please too as well instead in of that this those these both two three year years period do does did with by was "
    "were is be likewise ok okay now then so last one again total much show me give get tell let us "
    "number figure figures fiscal fy compare have had report reported state stated say said make made sell sold earn "
    "earned company's his"
)
"""What may stand beside a figure or a company that is all a question says."""
_NOT = re.compile(
    r",?\s*\b(?:not|instead of|rather than)\s+(?:the |its )?(?:\w+ ){0,2}\w+\s*(?=[?.!,]|$)", re.IGNORECASE
)
_SPAN = re.compile(r"\b(?:last|past|latest) (?:two|three|few|2|3) (?:fiscal )?years\b", re.IGNORECASE)
_SHORT = re.compile(r"(?<![\d$])\s['\u2019]?([12]\d)(?=\W*$)")
_SAME_YEARS = re.compile(r"\b(?:same|those|these|all) (?P<count>two|three|four) (?:fiscal )?years?\b", re.IGNORECASE)
_BEST = re.compile(
    r"\s*(?:(?:and|so|ok(?:ay)?|then|now)\b[\s,]*)*(?:in )?(?:which|what)(?: of (?:the|those"
    r"|these))?(?: two| three)? years?"
    r" (?:was|had|has|saw|did|is)\b[^?.!]{0,25}\b(?P<end>highest|lowest|weakest|strongest|best|worst"
    r"|largest|smallest|biggest"
    r"|most|least)\b[^?.!]*[?.!]*$",
    re.IGNORECASE,
)


def figure(talk: Talk) -> str | None:
    """As in "operating income for that year?", "no, I want the net income, not the margin": of the same years."""
    found = talk.antecedent()
    asked = FIGURE.search(_NOT.sub("", talk.question))
    if found is None or asked is None or talk.mentions(talk.question):
        return None
    plain = _NOT.sub("", talk.question)
    if not only(_SHORT.sub("", f"{plain[: asked.start()]} {plain[asked.end() :]}"), FILLERS):
        return None
    short = _SHORT.search(plain)
    years = f"in fiscal 20{short[1]}" if short else when(plain) or _same_years(talk) or when(talk.before)
    return f"{asked[0]} of {found.words} {years}?" if years else None


def reported(talk: Talk) -> str | None:
    """As in "and Oracle's in that year?", "what did Apple report then, for 2024?": the figure before, of this one."""
    named = talk.mentions(talk.question)
    if len(named) != 1 or FIGURE.search(talk.question):
        return None
    rest = f"{talk.question[: named[0].start]} {talk.question[named[0].end :]}"
    asked = next((said for said in reversed(talk.history[-MOST_BACK:]) if FIGURE.search(said)), None)
    if asked is None or not only(rest, FILLERS) or not re.search(r"\b(?:year|report\w*|stated?|then)\b|\d{4}", rest):
        return None
    words = FIGURE.findall(asked)
    years = when(talk.question) or when(asked)
    return f"{words[0]} of {named[0].words} {years}".rstrip() + "?"


def best_year(talk: Talk) -> str | None:
    """As in "which year was the weakest?" after a figure of several years: that figure again, and which year it was."""
    match, asked = _BEST.match(talk.question), FIGURE.search(talk.before)
    years, found = when(talk.before), talk.antecedent()
    if (
        match is None
        or asked is None
        or found is None
        or (len(set(YEAR.findall(years))) < 2 and not _SPAN.search(years))
    ):
        return None
    return f"{asked[0]} of {found.words} {years}, which year was the {match['end'].casefold()}?"


def _same_years(talk: Talk) -> str:
    """The two or three years asked for one after the other, when it is said that there were so many."""
    match = _SAME_YEARS.search(talk.question)
    if match is None:
        return ""
    found = dict.fromkeys(year for said in reversed(talk.history) for year in YEAR.findall(said))
    count = {"two": 2, "three": 3, "four": 4}[match["count"].casefold()]
    years = sorted(list(found)[:count])
    return f"in fiscal {', '.join(years[:-1])} and {years[-1]}" if len(years) == count else ""


def when(text: str) -> str:
    """The years as they were named, "2022 to 2024" whole, one after the other when they stand apart; empty for none."""
    if span := _SPAN.search(text):
        return f"in the {span[0]}"
    found = list(YEAR.finditer(text))
    if not found:
        return ""
    whole = text[found[0].start() : found[-1].end()]
    return (
        f"in fiscal {whole if len(whole) <= LONGEST_SPAN else ' and '.join(dict.fromkeys(year[0] for year in found))}"
    )
