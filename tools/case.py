"""The case for and against holding an instrument, weighed from the facts of the run by a stated rule.

Every point is one fact beside the threshold it was held against, a fact too. What an earlier agent registered in this
run is used as it is; what is missing is read now. What cannot be known is named and counts on neither side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Literal, NamedTuple

from desk.errors import DataError
from desk.facts import Fact
from desk.instruments import Instrument
from tools import reads
from tools.context import Arguments, Result, Tool, ToolContext
from tools.market import ReadQuotes, read_quotes
from tools.risk import MeasureInstruments, measure_instruments
from tools.sentiment import ReadSentiment, read_sentiment

RULE = "decision rule case@1"
WHERE = "tools/case.py"
LEAD = 2
"""By how many points one side must lead; below, the case is balanced."""


class _Ground(NamedTuple):
    """A fact by the end of its id, what stands for the instrument when it lies beyond `up`, against beyond `down`."""

    fact: str
    up: str | None
    up_words: str
    down: str | None
    down_words: str


GROUNDS = (
    _Ground("year_pct", "5", "it has gained over the year", "-5", "it has lost over the year"),
    _Ground("sentiment", "0.1", "the news is rather positive", "-0.1", "the news is rather negative"),
    _Ground("sentiment_turn", "0.1", "the news has turned better", "-0.1", "the news has turned worse"),
    _Ground("volatility", None, "", "40", "its price swings widely in a year"),
    _Ground("drawdown", None, "", "30", "it has fallen far from a peak"),
    _Ground("var", None, "", "4", "it loses much on a bad day"),
)
"""Thresholds in the facts' own units. High risk counts against an instrument; low risk is no reason to own it."""


class WeighCase(Arguments):
    """Which instrument, and what is asked of it."""

    instrument: str
    side: Literal["buy", "sell"]


class Case(Result):
    """Lines with slots on both sides, `unknown` what could not be looked at, and what the rule makes of them.

    `verdict` is about the side asked: `supported`, `opposed` or `balanced`. `bull` and `bear` are slots of the counts.
    """

    name: str
    for_it: tuple[str, ...]
    against: tuple[str, ...]
    unknown: tuple[str, ...]
    verdict: Literal["supported", "opposed", "balanced"]
    bull: str
    bear: str
    lead: str


def _weigh(context: ToolContext, arguments: WeighCase) -> Case:
    instrument = context.desk.feed.instruments.get(arguments.instrument)
    key = instrument.symbol.lower().replace("/", "")
    known = _gather(context, instrument, key)
    for_it: list[str] = []
    against: list[str] = []
    for ground in GROUNDS:
        fact = known.get(f"{key}_{ground.fact}")
        if fact is None:
            continue
        for side, limit, words, beyond in (
            (for_it, ground.up, ground.up_words, 1),
            (against, ground.down, ground.down_words, -1 if (ground.up is not None) else 1),
        ):
            if limit is not None and (fact.value - Decimal(limit)) * beyond > 0:
                side.append(f"{words}: {{{{f:{fact.id}}}}}, beyond {_limit(context, ground.fact, limit, fact.unit)}")
    lead, weighed = len(for_it) - len(against), tuple(id for g in GROUNDS if (id := f"{key}_{g.fact}") in known)
    if arguments.side == "sell":
        lead = -lead
    return Case(
        text="the case weighed",
        name=f"{instrument.name} ({instrument.id})",
        for_it=tuple(for_it),
        against=tuple(against),
        unknown=tuple(g.fact.replace("_", " ") for g in GROUNDS if f"{key}_{g.fact}" not in known),
        verdict="supported" if lead >= LEAD else "opposed" if -lead >= LEAD else "balanced",
        bull=_count(context, f"{key}_case_for", len(for_it), "points for it", weighed),
        bear=_count(context, f"{key}_case_against", len(against), "points against it", weighed),
        lead=_count(context, "case_lead", LEAD, "points one side must lead by"),
    )


def _gather(context: ToolContext, instrument: Instrument, key: str) -> dict[str, Fact]:
    """The run's facts with those that the case needs; each tool runs only when its first fact is not there yet."""
    one = (instrument.id,)
    needs: tuple[tuple[str, Callable[[], object]], ...] = (
        ("year_pct", lambda: read_quotes.run(context, ReadQuotes(instruments=one))),
        ("sentiment", lambda: read_sentiment.run(context, ReadSentiment(instruments=one))),
        ("volatility", lambda: measure_instruments.run(context, MeasureInstruments(instruments=one))),
    )
    for name, read in needs:
        if all(fact.id != f"{key}_{name}" for fact in context.facts.all()):
            try:
                read()
            except DataError:
                continue
    known = {fact.id: fact for fact in context.facts.all()}
    recent, before = known.get(f"{key}_sentiment_recent"), known.get(f"{key}_sentiment_before")
    if recent is not None and before is not None:
        turn = Fact(
            f"{key}_sentiment_turn", f"{instrument.symbol} change of sentiment", recent.value - before.value, "ratio",
            recent.as_of, recent.source, f"{recent.id} − {before.id}", inputs=(recent.id, before.id),
        )  # fmt: skip
        context.facts.add(turn)
        known[turn.id] = turn
    return known


def _limit(context: ToolContext, name: str, value: str, unit: str) -> str:
    id = f"case_{name}_{'low' if value.startswith('-') else 'high'}"
    words = f"threshold of {name.replace('_', ' ')}"
    made = Fact(id, words, Decimal(value), unit, context.market_time(), RULE, WHERE)
    return context.facts.add(replace(made, reads=(reads.of_desk(WHERE),)))


def _count(context: ToolContext, id: str, count: int, label: str, inputs: tuple[str, ...] = ()) -> str:
    """A count of points from the facts they were made of; without these, a number of the rule itself."""
    how, source = (f"points beyond the thresholds of {RULE}", "facts of this run") if inputs else (WHERE, RULE)
    made = Fact(id, label, Decimal(count), "count", context.market_time(), source, how, inputs=inputs)
    return context.facts.add(replace(made, reads=(reads.of_desk(WHERE),)))


weigh_case = Tool(
    "weigh_case", "The case for and against an instrument from this run's facts, by a stated rule.", WeighCase, _weigh
)
