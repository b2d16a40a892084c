"""What a short question leaves unsaid, taken from the questions before it.

"and the year before?", "and Microsoft?", "how risky is it?", "sell half of it", "make it 50": each becomes a
question that stands alone, which is then routed and answered like any other and shown as what was understood.
Deterministic, from the person's own words only. What does not look like a follow-up stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.naming import mend_slips
from agents.quoting import split_words
from agents.request import find_mentions
from desk.instruments import Instruments
from graphs.following.amending import listed, number, superlative
from graphs.following.courtesy import to_the_point
from graphs.following.figures import best_year, figure, reported
from graphs.following.loose import loose
from graphs.following.orders import change, trade
from graphs.following.parts import part
from graphs.following.questions import comparison, form, goal, more, period, pronoun, subject, topic
from graphs.following.shorthand import with_whole_words
from graphs.following.talk import Talk, affirmed
from graphs.following.words import CHATTER, TURN, YEAR, with_full_years, with_named_years
from rag.lines import ProductLines
from rag.query import Companies

MOST_WORDS = 16
"""A longer question says itself what it is about."""
LONGEST, LONGEST_BEFORE = 300, 1_000
"""Characters of a question that is completed, and of those before it that are read with it."""
RULES = (
    trade,
    change,
    loose,
    listed,
    number,
    goal,
    superlative,
    best_year,
    part,
    period,
    form,
    comparison,
    subject,
    reported,
    figure,
    pronoun,
    topic,
    more,
)
"""In this order; the first that knows what is missing completes the question."""
_FISCAL = re.compile(r"\bFY((?:19|20)\d\d)\b")


def complete(
    question: str,
    history: Sequence[str],
    instruments: Instruments,
    companies: Companies,
    lines: ProductLines | None = None,
) -> str:
    """The question with what it leaves unsaid; as it is when there is nothing before it or nothing missing.

    Only own words are read and completed; what the person pasted of others with them stands behind as it was.
    """
    question = with_named_years(_mended(question, instruments, companies))
    question = with_whole_words(question) if len(question) <= LONGEST else question
    own = [said for said in (split_words(text).own for text in history) if 0 < len(said) <= LONGEST_BEFORE]
    words, pasted = split_words(question)
    if len(words) > LONGEST:
        return question
    if own and words != (turned := TURN.sub("", words)):
        words = turned
        question = "\n\n".join((words, *pasted))
    if not own or len(words.split()) > MOST_WORDS:
        return question
    for said in dict.fromkeys((words, CHATTER.sub("", words, count=1))):
        talk = affirmed(Talk(with_full_years(said), own, instruments, companies, lines))
        for rule in RULES:
            found = rule(talk) if said else None
            if found is not None:
                return "\n\n".join((found, *pasted))
    return question


def _mended(question: str, instruments: Instruments, companies: Companies) -> str:
    """The question with slips in its own words mended; names and what was pasted stay."""
    words, pasted = split_words(question)
    if len(words) > LONGEST:
        return question
    names = [*companies.spans(words), *((one.start, one.end) for one in find_mentions(words, instruments))]
    mended = mend_slips(words, names)
    return question if mended == words else "\n\n".join((mended, *pasted))


def complete_all(
    questions: Sequence[str], instruments: Instruments, companies: Companies, lines: ProductLines | None = None
) -> list[str]:
    """Each question completed from those before it."""
    done: list[str] = []
    for question in questions:
        done.append(complete(question, done, instruments, companies, lines))
    return done


def remembered(question: str, answer: dict[str, object]) -> str:
    """A complete question as the next one is read with it: with the fiscal year of its answer when it named none."""
    facts, question = answer.get("facts"), to_the_point(question)
    if YEAR.search(question) or not isinstance(facts, list):
        return question
    years = {year for fact in facts if isinstance(fact, dict) for year in _FISCAL.findall(str(fact.get("as_of")))}
    return f"{question.rstrip(' ?.!')} in fiscal {years.pop()}" if len(years) == 1 else question
