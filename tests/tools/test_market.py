from __future__ import annotations

from dataclasses import replace

from desk.market.feed import Quote
from tools.context import ToolContext
from tools.market import ReadQuotes, read_quotes


class Ticking:
    """The desk's feed, whose price moves by a tick with each reading."""

    def __init__(self, feed) -> None:
        self._feed, self.reads = feed, 0

    def __getattr__(self, name):
        return getattr(self._feed, name)

    def quote(self, instrument: str) -> Quote:
        self.reads += 1
        found: Quote = self._feed.quote(instrument)
        return replace(found, last_ticks=found.last_ticks + self.reads)


def test_who_reads_a_quote_twice_speaks_of_one_moment(runtime):
    runtime.desk.feed = Ticking(runtime.desk.feed)
    person = runtime.desk.people.get("trader")
    context = ToolContext(runtime.desk, runtime.filings, runtime.knowledge, person, "r1")
    first, second = (read_quotes.run(context, ReadQuotes(instruments=("XNAS:AAPL",))) for _ in range(2))
    assert first == second
    other = ToolContext(runtime.desk, runtime.filings, runtime.knowledge, person, "r2")
    read_quotes.run(other, ReadQuotes(instruments=("XNAS:AAPL",)))
    assert context.facts.get("aapl_last").value < other.facts.get("aapl_last").value
