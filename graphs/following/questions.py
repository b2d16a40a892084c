"""Follow-ups that ask: of another period, company or measure, of "it", or more of the same."""

from __future__ import annotations

import re

from agents.goal import read_goal
from agents.request import read_request
from graphs.following.talk import Named, Talk, only
from graphs.following.words import (
    AGAINST,
    BARE_TOPIC,
    BEHIND,
    BESIDE,
    BOTH,
    DUMMY,
    FILLERS,
    FORM,
    GAP,
    MEANT,
    OPENER,
    OWN,
    PICK,
    PICKED,
    PRONOUN,
    REST,
    SHORT_YEAR,
    SLIPPED,
    THAN,
    TOPIC,
    WHICH,
    YEAR,
    is_topic,
    other_period,
)
from graphs.routing import choose_agents

_ONE_BEFORE = re.compile(r"\W*(?:and |also |what about )*the one before(?: (?:that|it))?\W*", re.IGNORECASE)
_WHICH_HAS = re.compile(
    r"\W*(?:(?:and|so|ok(?:ay)?|then|but)\b[\s,]*)*which (?:one )?(?:(?:has|had|is|was) (?:the |a |more |less )*"
    r"(?:bigger|higher|lower|smaller|larger|better|worse|riskier|safer|calmer|cheaper|volatile|risky|expensive)"
    r"|(?:moved|fell|rose|gained|lost|dropped|performed|did) (?:more|less|better|worse|most|best|harder|faster))\b",
    re.IGNORECASE,
)
_LISTED = re.compile(r"(?:'s)?\s*(?:,|,? ?\band\b|\bor\b|&|\bplus\b)\s*(?:the )?", re.IGNORECASE)
_COMPARES = re.compile(r"\b(?:compar\w+|differ\w*|between|which|versus|correlat\w+|both|\w+er than)\b", re.IGNORECASE)
LONGEST_GOAL = 1_000
"""Characters of a goal that has been talked about long enough."""
_AT_AGE = re.compile(
    r"\b(?:at|by)\s+(\d\d)\b(?!\s*%)|^\W*(?:and |or |what about |say )?(\d\d)\s*[?.!]*$", re.IGNORECASE
)


def period(talk: Talk) -> str | None:
    """As in "and the year before?", "what about 2022?": the question before, of another period."""
    if talk.mentions(talk.question):
        return None
    if _ONE_BEFORE.fullmatch(talk.question) and YEAR.search(talk.before):
        return other_period("the year before", talk.before)
    if (short := SHORT_YEAR.fullmatch(talk.question)) and YEAR.search(talk.before) and not talk.ordered:
        return other_period(f"20{short['year']}", talk.before)
    if further := AGAINST.match(talk.question):
        return f"{talk.before} and {further['year']}?" if YEAR.search(talk.before) else None
    if re.match(r"\W*(?:no|sorry|wait)?\W*not\b", talk.question, re.IGNORECASE):
        return other_period(talk.question, talk.before) if YEAR.search(talk.before) else None
    return other_period(talk.question, talk.before) if only(talk.question, GAP) else None


def form(talk: Talk) -> str | None:
    """As in "and the 10-Q?": the question before, of another form."""
    named, earlier = FORM.search(talk.question), list(FORM.finditer(talk.before))
    others = [one for one in talk.mentions(talk.question) if named is None or one.start < named.start()]
    if named is None or not earlier or others:
        return None
    opened = OPENER.match(talk.question)
    rest = f"{talk.question[opened.end() if opened else 0 : named.start()]} {talk.question[named.end() :]}"
    if not only(rest, FILLERS):
        return None
    last = earlier[-1]
    return f"{talk.before[: last.start()]}{named[0]}{talk.before[last.end() :]}?"


def subject(talk: Talk) -> str | None:
    """As in "and Microsoft?", "the same for Oracle": the question before, of another company."""
    named = talk.mentions(talk.question)
    slipped = SLIPPED.match(talk.question[: named[0].start]) if named else None
    opened = MEANT.match(talk.question) or slipped or OPENER.match(talk.question)
    if len(named) != 1 or (talk.ordered and not re.match(r"(?:and|also|the )?\s*same", talk.question, re.IGNORECASE)):
        return None
    start, end = named[0].start, named[0].end
    rest = f"{talk.question[opened.end() if opened else 0 : start]} {talk.question[end:]}"
    if not only(rest, FILLERS) or ((opened is None or not opened[0].strip()) and len(talk.question.split()) > 5):
        return None
    before = talk.standing
    words, earlier = talk.question[start:end], talk.mentions(before)
    if earlier:
        found = f"{before[: _list_start(before, earlier)]}{words}{before[earlier[-1].end :]}?"
    else:
        found = f"{before} for {words}?"
    return other_period(rest, found.rstrip("?")) or found


def _list_start(before: str, named: list[Named]) -> int:
    """Where the names begin that stand in one list with the last; a comparison keeps all but the last."""
    start = named[-1].start
    if _COMPARES.search(before):
        return start
    for one in reversed(named[:-1]):
        if not _LISTED.fullmatch(before[one.end : start]):
            break
        start = one.start
    return start


def comparison(talk: Talk) -> str | None:
    """As in "more than Apple?", "compared to Coke": the question before, of one name more."""
    named, earlier = talk.mentions(talk.question), talk.mentions(talk.before)
    if len(named) != 1 or not earlier or talk.ordered:
        return None
    than = THAN.search(talk.question[: named[0].start])
    if than and (risk := WHICH.match(talk.question[named[0].end :])):
        return f"is {earlier[-1].words} {risk['more']} than {named[0].words}?"
    if (
        than is None
        or not BESIDE.match(talk.question[: than.start()])
        or not only(talk.question[named[0].end :], FILLERS)
    ):
        return None
    last = earlier[-1]
    if risk := re.search(
        r"\b(?:riskier|safer|calmer|wilder|(?:more|less) (?:volatile|risky))\b", talk.question, re.IGNORECASE
    ):
        return f"is {last.words} {risk[0]} than {named[0].words}?"
    return f"{talk.before[: last.end]} and {named[0].words}{talk.before[last.end :]}?"


def pronoun(talk: Talk) -> str | None:
    """As in "how risky is it?", "its net income?", "both of them", "the second one": what was named before."""
    compared = talk.mentions(talk.question)
    if OWN.search(talk.question) or any(not THAN.search(talk.question[: one.start]) for one in compared):
        return None
    found = _compared(talk) or _several(talk) or _picked(talk) or _single(talk)
    if found is None:
        return None
    opened = re.match(r"(?:and|but|so|then|also)\s+", found, re.IGNORECASE)
    return _same_year(talk, found[opened.end() :] if opened else found)


def _single(talk: Talk) -> str | None:
    blank = DUMMY.sub(lambda dummy: " " * len(dummy[0]), talk.question)
    match, found = PRONOUN.search(blank), talk.antecedent()
    if match is None or found is None:
        return None
    form = {"its": "{}'s", "their": "{}'s", "there": "of {}"}.get(match[0].casefold(), "{}")
    return _put(talk, match, form.format(found.words))


def _several(talk: Talk) -> str | None:
    match, named = BOTH.search(talk.question), talk.named()
    if match is None or len(named) < 2:
        return None
    return _put(talk, match, f"{named[1].words} and {named[0].words}")


def _compared(talk: Talk) -> str | None:
    """As in "which has the bigger VaR?": of the two that were named last."""
    named = talk.named()
    if _WHICH_HAS.match(talk.question) is None or len(named) < 2:
        return None
    return f"{talk.question.rstrip(' ?.!')}, {named[1].words} or {named[0].words}?"


def _picked(talk: Talk) -> str | None:
    match = PICKED.search(talk.question)
    named: list[Named] = list(reversed(talk.named()))
    if match is None:
        return None
    which = (match["which"] or match["bare"]).casefold()
    at = {"first": 0, "former": -2, "second": 1, "third": 2, "other": -2}.get(which, -1)
    return _put(talk, match, named[at].words) if -len(named) <= at < len(named) else None


def _put(talk: Talk, match: re.Match[str], words: str) -> str:
    return f"{talk.question[: match.start()]}{words}{talk.question[match.end() :]}"


def goal(talk: Talk) -> str | None:
    """As in "and if I retire at 67?": what is said now comes before what was said of the same goal."""
    told = read_goal(talk.before, ())
    if not (told.about_retirement or told.monthly is not None or told.saving is not None):
        return None
    if len(talk.before) > LONGEST_GOAL:
        return None
    age = _AT_AGE.search(talk.question) if told.about_retirement and "retir" not in talk.question.casefold() else None
    if not age and not re.match(r"(?:and |but |what |so )*(?:if|with|at|suppose)\b", talk.question, re.IGNORECASE):
        return None
    said = f"If I retire at {age[1] or age[2]}?" if age else talk.question.rstrip()
    return f"{said} {talk.before}?"


def topic(talk: Talk) -> str | None:
    """As in "and gross margin?", "any news?", "price": another question on the same company and year."""
    match = None if BEHIND.match(talk.question) else TOPIC.match(talk.question) or BARE_TOPIC.match(talk.question)
    found = talk.antecedent() if match and not talk.mentions(talk.question) else None
    if match is None or found is None or not is_topic(match["topic"]):
        return None
    beside = [one.words for one in talk.mentions(talk.before)]
    words = " and ".join(dict.fromkeys(beside)) if len(beside) > 1 else found.words
    return _same_year(talk, f"{match['topic'].strip(' ?.!')} of {words}?")


def more(talk: Talk) -> str | None:
    """As in "the largest one?", "and in the EU?": the question before with what is said now behind it."""
    if talk.mentions(talk.question) or talk.ordered:
        return None
    if REST.match(talk.question):
        return f"{talk.before}, {talk.question.strip(' ?.!')}?"
    match = PICK.match(talk.question) or BEHIND.match(talk.question)
    return f"{talk.before}, {match['more'].strip(' ?.!')}?" if match else None


def _same_year(talk: Talk, text: str) -> str:
    """A figure from filings is asked of the year that was spoken of; other questions are about now."""
    years = YEAR.findall(talk.before)
    route = choose_agents(read_request(text, talk.instruments))
    if not years or YEAR.search(text) or route.agents != ("customer_query",) or route.by == "default":
        return text
    return f"{text.rstrip(' ?.!')} in fiscal {years[-1]}?"
