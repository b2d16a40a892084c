"""Quotes, history and their quality."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from pydantic import Field

from desk.clock import to_iso
from desk.facts import Fact
from desk.instruments import Instrument
from desk.market.feed import Bar, Quote
from tools import reads
from tools.context import Arguments, Result, Tool, ToolContext

MOST = 8


class ReadQuotes(Arguments):
    """Which instruments."""

    instruments: tuple[str, ...] = Field(min_length=1, max_length=MOST, description="Ids such as XNAS:AAPL.")


class QuoteRow(Result):
    """One quote as slots: `last`, `change`, `change_pct`; and what kind of price it is."""

    instrument: str
    name: str
    last: str
    change_pct: str
    year_pct: str | None
    label: str
    time: str
    flags: tuple[str, ...]


class QuoteRows(Result):
    """In the order asked."""

    rows: tuple[QuoteRow, ...]


def _read(context: ToolContext, arguments: ReadQuotes) -> QuoteRows:
    known = [context.desk.feed.instruments.get(id) for id in arguments.instruments]
    rows = tuple(_row(context, instrument) for instrument in known)
    return QuoteRows(text="quotes read for " + ", ".join(i.symbol for i in known), rows=rows)


def _row(context: ToolContext, instrument: Instrument) -> QuoteRow:
    quote = context.market.quote(instrument.id)
    price, before = quote.last_ticks * instrument.tick, quote.previous_close_ticks * instrument.tick
    day = (price / before - 1) * 100 if before else Decimal(0)
    key, as_of = instrument.symbol.lower().replace("/", ""), to_iso(quote.at)
    source = instrument.label or "market feed"
    currency, then = instrument.currency, _year_ago(context, instrument, quote)
    seen = (reads.quote(instrument.id), *((reads.closes(instrument.id, then.day, then.day),) if then else ()))

    def fact(name: str, label: str, value: Decimal, unit: str, how: str, *inputs: str) -> str:
        money, words = currency if unit == currency else None, f"{instrument.symbol} {label}"
        read, about = seen if name == "year_pct" else seen[:1], (instrument.id, label)
        return context.facts.add(
            Fact(f"{key}_{name}", words, value, unit, as_of, source, how, money, inputs, read, about)
        )

    year = (price / then.close - 1) * 100 if then else None
    return QuoteRow(
        instrument=instrument.id,
        name=instrument.name,
        last=fact("last", "last price", price, currency, "last trade"),
        change_pct=fact("day_pct", "change on the day", day, "%", "last ÷ previous close − 1", f"{key}_last"),
        year_pct=None
        if year is None
        else fact("year_pct", "change over a year", year, "%", "last ÷ close a year ago − 1", f"{key}_last"),
        label=instrument.label,
        time=as_of,
        flags=_flags(instrument, quote),
    )


def _year_ago(context: ToolContext, instrument: Instrument, quote: Quote) -> Bar | None:
    day = quote.at.date() - timedelta(days=365)
    bars = context.desk.feed.bars(instrument.id, day - timedelta(days=10), day)
    return bars[-1] if bars else None


def _flags(instrument: Instrument, quote: Quote) -> tuple[str, ...]:
    flags = []
    if instrument.simulated:
        flags.append("synthetic series")
    elif quote.simulated:
        flags.append("replayed day, intraday path simulated")
    if not instrument.tradable:
        flags.append("not tradable here")
    return tuple(flags)


read_quotes = Tool(
    "read_quotes", "Last price of instruments, their change today, and how good the data is.", ReadQuotes, _read
)
