"""What a short question leaves unsaid, taken from the questions before it.

"and the year before?", "and Microsoft?", "how risky is it?", "sell half of it", "make it 50": each becomes a
question that stands alone, which is then routed and answered like any other and shown as what was understood.
Deterministic, from the person's own words only. What does not look like a follow-up stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.goal import read_goal
from agents.order_wish import OrderWish, read_order
from agents.request import Mention, find_mentions, read_request
from desk.instruments import Instrument, Instruments
from graphs.following_words import (
    ANOTHER,
    CHANGES,
    DUMMY,
    FILLERS,
    GAP,
    LOOSE_TRADE,
    OPENER,
    PRONOUN,
    TOPIC,
    YEAR,
    is_topic,
    other_period,
)
from graphs.routing import choose_agents

MOST_WORDS = 14
"""A longer question says itself what it is about."""
LONGEST_GOAL = 1_000
"""Characters of a goal that has been talked about long enough."""
_AT_AGE = re.compile(r"\b(?:at|by)\s+(\d\d)\b(?!\s*%)")
_FISCAL = re.compile(r"\bFY((?:19|20)\d\d)\b")


@dataclass(frozen=True)
class _Talk:
    """The question, what was asked before (the newest last, each complete), and what the desk knows."""

    question: str
    history: Sequence[str]
    instruments: Instruments

    @property
    def before(self) -> str:
        """The question before, without its mark."""
        return self.history[-1].rstrip(" ?.!")

    @property
    def ordered(self) -> OrderWish | None:
        """The order that the question before was; None for a question of another kind."""
        wish = read_order(self.before, self.instruments)
        return wish if wish and wish.instrument else None

    def mentions(self, text: str) -> list[Mention]:
        """See `find_mentions`; in the order of the text."""
        return sorted(find_mentions(text, self.instruments), key=lambda m: m.start)

    def antecedent(self) -> tuple[str, Instrument] | None:
        """What "it" is: the instrument named last, and the words that named it."""
        for text in reversed(self.history):
            found = self.mentions(text)
            if found:
                return text[found[-1].start : found[-1].end], found[-1].instrument
        return None


def complete(question: str, history: Sequence[str], instruments: Instruments) -> str:
    """The question with what it leaves unsaid; as it is when there is nothing before it or nothing missing."""
    if not history or len(question.split()) > MOST_WORDS:
        return question
    talk = _Talk(question, history, instruments)
    for rule in (_trade, _change, _period, _subject, _pronoun, _goal, _topic):
        found = rule(talk)
        if found is not None:
            return found
    return question


def complete_all(questions: Sequence[str], instruments: Instruments) -> list[str]:
    """Each question completed from those before it."""
    done: list[str] = []
    for question in questions:
        done.append(complete(question, done, instruments))
    return done


def remembered(question: str, answer: dict[str, object]) -> str:
    """A complete question as the next one is read with it: with the fiscal year of its answer when it named none."""
    facts = answer.get("facts")
    if YEAR.search(question) or not isinstance(facts, list):
        return question
    years = {year for fact in facts if isinstance(fact, dict) for year in _FISCAL.findall(str(fact.get("as_of")))}
    return f"{question.rstrip(' ?.!')} in fiscal {years.pop()}" if len(years) == 1 else question


def _trade(talk: _Talk) -> str | None:
    """As in "sell half of it", "buy 20 more", "close the position": the instrument is the one named last."""
    match = LOOSE_TRADE.match(talk.question)
    found = talk.antecedent() if match and not talk.mentions(talk.question) else None
    if match is None or found is None:
        return None
    side, amount = match["side"].casefold(), (match["amount"] or match["whole"] or "").strip()
    if side == "close" or (not amount and side != "buy"):
        side, amount = "sell", amount or "all"
    limit = f" at {match['limit']}" if match["limit"] else ""
    of = " of" if re.search(r"[a-z%]$", amount, re.IGNORECASE) else ""
    return f"{side} {amount}{of} {found[1].id}{limit}".replace("  ", " ")


def _change(talk: _Talk) -> str | None:
    """As in "make it 50", "double it", "at 150 instead", "and 30 Microsoft": the order before, a part replaced."""
    wish = talk.ordered
    if wish is None or wish.instrument is None:
        return None
    named = talk.mentions(talk.question)
    if named:
        return _another(talk, wish, named)
    for pattern, kind in CHANGES:
        match = pattern.match(talk.question)
        if match is None:
            continue
        quantity, limit = wish.quantity, f" at {wish.limit}" if wish.limit else ""
        if kind == "limit":
            limit = f" at {match['number']}"
        elif kind == "market":
            limit = ""
        else:
            quantity = _times(quantity, kind) if kind in {"double", "half"} else match["number"]
        return f"{wish.side.value} {quantity} {wish.instrument.id}{limit}" if quantity else None
    return None


def _another(talk: _Talk, wish: OrderWish, named: list[Mention]) -> str | None:
    match = ANOTHER.match(talk.question)
    if match is None or len(named) != 1 or named[0].start < match.start("rest"):
        return None
    rest = f"{talk.question[match.start('rest') : named[0].start]} {talk.question[named[0].end :]}"
    quantity = match["number"] or wish.quantity
    return f"{wish.side.value} {quantity} {named[0].instrument.id}" if quantity and _only(rest, FILLERS) else None


def _times(quantity: str, kind: str) -> str:
    """Twice the units; half of them only when that is whole."""
    if not re.fullmatch(r"\d+", quantity):
        return ""
    units = int(quantity)
    if kind == "double":
        return str(units * 2)
    return "" if units % 2 else str(units // 2)


def _period(talk: _Talk) -> str | None:
    """As in "and the year before?", "what about 2022?": the question before, of another period."""
    if talk.mentions(talk.question) or not _only(talk.question, GAP):
        return None
    return other_period(talk.question, talk.before)


def _subject(talk: _Talk) -> str | None:
    """As in "and Microsoft?", "the same for Oracle": the question before, of another company."""
    opened = OPENER.match(talk.question)
    named = talk.mentions(talk.question)
    if len(named) != 1 or (talk.ordered and not re.match(r"(?:and|also|the )?\s*same", talk.question, re.IGNORECASE)):
        return None
    start, end = named[0].start, named[0].end
    rest = f"{talk.question[opened.end() if opened else 0 : start]} {talk.question[end:]}"
    if not _only(rest, FILLERS) or (opened is None and len(talk.question.split()) > 3):
        return None
    words, earlier = talk.question[start:end], talk.mentions(talk.before)
    if not earlier:
        return f"{talk.before} for {words}?"
    last = earlier[-1]
    return f"{talk.before[: last.start]}{words}{talk.before[last.end :]}?"


def _pronoun(talk: _Talk) -> str | None:
    """As in "how risky is it?", "its net income?": the instrument named last."""
    if talk.mentions(talk.question) or DUMMY.search(talk.question):
        return None
    match, found = PRONOUN.search(talk.question), talk.antecedent()
    if match is None or found is None:
        return None
    name = f"{found[0]}'s" if match[0].casefold() in {"its", "their"} else found[0]
    text = f"{talk.question[: match.start()]}{name}{talk.question[match.end() :]}"
    opened = re.match(r"(?:and|but|so|then|also)\s+", text, re.IGNORECASE)
    return _same_year(talk, text[opened.end() :] if opened else text)


def _goal(talk: _Talk) -> str | None:
    """As in "and if I retire at 67?": what is said now comes before what was said of the same goal."""
    opened = re.match(r"(?:and |but |what |so )*(?:if|with|at|suppose)\b", talk.question, re.IGNORECASE)
    goal = read_goal(talk.before, ())
    told = goal.about_retirement or goal.monthly is not None or goal.saving is not None
    if not opened or not told or len(talk.before) > LONGEST_GOAL:
        return None
    age = _AT_AGE.search(talk.question) if goal.about_retirement and "retire" not in talk.question.casefold() else None
    said = f"If I retire at {age[1]}?" if age else talk.question.rstrip()
    return f"{said} {talk.before}?"


def _topic(talk: _Talk) -> str | None:
    """As in "and gross margin?", "any news?", "what about the risk?": another question on the same company and year."""
    match = TOPIC.match(talk.question)
    found = talk.antecedent() if match and not talk.mentions(talk.question) else None
    if match is None or found is None or not is_topic(match["topic"]):
        return None
    return _same_year(talk, f"{match['topic'].strip(' ?.!')} of {found[0]}?")


def _same_year(talk: _Talk, text: str) -> str:
    """A figure from filings is asked of the year that was spoken of; other questions are about now."""
    years = YEAR.findall(talk.before)
    route = choose_agents(read_request(text, talk.instruments))
    if not years or YEAR.search(text) or route.agents != ("customer_query",) or route.by == "default":
        return text
    return f"{text.rstrip(' ?.!')} in fiscal {years[-1]}?"


def _only(text: str, allowed: frozenset[str]) -> bool:
    """Whether every word is one of these, a year, or no word at all."""
    words = re.findall(r"[a-z']+|\d+", text.casefold().replace("\u2019", "'"))
    return all(word in allowed or YEAR.fullmatch(word) for word in words)
