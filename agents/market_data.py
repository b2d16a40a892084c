"""Market Data Aggregator: quotes with their time, change and quality flags."""

from __future__ import annotations

import re

from agents.agent import Agent, Turn
from agents.answers import AgentAnswer
from tools.market import MOST, QuoteRow, ReadQuotes, read_quotes

_MARKET = re.compile(
    r"\b(?:markets?|stocks|shares|equit(?:y|ies)|ind(?:ex|exes|ices)|wall street|overall|in general|everything"
    r"|overview|the tape|the board)\b"
)


class MarketAnswer(AgentAnswer):
    """`instruments` are those quoted, `flags` what is to be known of their prices."""

    instruments: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


def plan(turn: Turn) -> AgentAnswer:
    """Quotes what the person named; the indices when the question is about the market as a whole."""
    named = list(turn.request.instruments)[:MOST]
    if not named and _MARKET.search(turn.request.words):
        named = [i for i in turn.context.sight.instruments if i.asset_class.value == "index"][:MOST]
    if not named:
        text = "I see no instrument that I know in the question. Name one, for example Apple or XNAS:AAPL."
        return MarketAnswer(text=text, abstained=True)
    found = turn.call(read_quotes, ReadQuotes(instruments=tuple(i.id for i in named)))
    lines = [_line(row) for row in found.rows]
    flags = tuple(dict.fromkeys(flag for row in found.rows for flag in row.flags))
    return MarketAnswer(
        text="\n".join(lines),
        quoted=tuple(f"{row.name} ({row.instrument})" for row in found.rows) + tuple(row.label for row in found.rows),
        instruments=tuple(row.instrument for row in found.rows),
        flags=flags,
    )


def _line(row: QuoteRow) -> str:
    year = f", {row.year_pct} over a year" if row.year_pct else ""
    flags = f" ({'; '.join(row.flags)})" if row.flags else ""
    return f"- **{row.name} ({row.instrument})**: {row.last}, {row.change_pct} on the day{year}{flags}"


def build() -> Agent:
    """The agent."""
    return Agent(
        name="market_data",
        title="Market data",
        purpose="quotes, history and data quality",
        tools=(read_quotes,),
        answer=MarketAnswer,
        plan=plan,
    )
