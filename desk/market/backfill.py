"""Brings bars from sources into the archive: a stretch that is asked for, or what is missing of what is due.

Sources are tried in order; the next one is asked when one fails, does not list the instrument, or gives nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

from desk.clock import Clock
from desk.errors import BackEndUnreachable, DataError, NotFound
from desk.instruments import Instrument
from desk.market.archive import NOTHING, Added, Archive
from desk.market.events import STEP_US, Interval, Kline, from_us, to_us
from desk.market.findings import Findings
from desk.market.gate import Gate
from desk.market.quality import Finding, check_bars
from desk.market.source import MarketSource
from desk.source_state import SourceStates

FIRST_DAYS, FIRST_MINUTES = timedelta(days=400), timedelta(hours=24)
"""How far back is begun, of bars of a day and of a minute, where nothing is kept yet."""


@dataclass
class Filled:
    """What one backfill came to. `source` is "" when none served; `refused` says why, by source."""

    instrument: str
    interval: Interval
    source: str = ""
    added: Added = NOTHING
    findings: list[Finding] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


class Backfill:
    """`sources` best first."""

    def __init__(
        self,
        sources: Sequence[MarketSource],
        archive: Archive,
        findings: Findings,
        states: SourceStates,
        wall: Clock,
    ) -> None:
        self.sources, self._archive, self._findings = tuple(sources), archive, findings
        self._states, self._wall, self._gate = states, wall, Gate()

    def serving(self, instrument: Instrument, interval: Interval | None = None) -> list[MarketSource]:
        """The sources of an instrument, best first; of its quotes, or of its bars of an interval."""
        return [source for source in self.sources if source.serves(instrument, interval)]

    def fill(
        self, instrument: Instrument, interval: Interval, start: datetime, end: datetime, only: str = ""
    ) -> Filled:
        """Bars of `[start, end)` from the first source that gives any, or from the one named. Raises OSError for the
        disk and DataError for a damaged file; what sources raise is in `refused`.
        """
        filled = Filled(instrument.id, interval)
        for source in self.serving(instrument, interval):
            if only and source.name != only:
                continue
            if not self._states.ready(source.name):
                filled.refused[source.name] = self._states.get(source.name).why
                continue
            bars = self._ask(source, instrument, interval, (start, end), filled)
            if bars:
                filled.source = source.name
                filled.added = self._archive.add_klines(map(self._gate.kline, bars))
                break
        filled.findings = self.check(instrument, interval, start, end)
        return filled

    def check(self, instrument: Instrument, interval: Interval, start: datetime, end: datetime) -> list[Finding]:
        """What is odd in the kept bars that begin in `[start, end)`; kept as findings, mended gaps are closed."""
        order = [source.name for source in self.sources]
        kept = self._archive.klines(instrument.id, interval, to_us(start), to_us(end), sources=order)
        found = check_bars(instrument, interval, kept, self._wall.now())
        if kept and not any(each.kind == "gap" for each in found):
            self._findings.close("gap", instrument.id, kept[-1].end_us)
        if kept and not any(each.kind == "stale" for each in found):
            self._findings.close("stale", instrument.id, to_us(self._wall.now()))
        self._findings.add(found)
        return found

    def due(self, instrument: Instrument, interval: Interval) -> tuple[datetime, datetime] | None:
        """The stretch that is to be asked for now: from the first hole of what is kept, else from its end; None when
        all that is over is kept.
        """
        now = self._wall.now()
        span = self._archive.span(instrument.id, interval)
        first = (now - (FIRST_DAYS if interval == "1d" else FIRST_MINUTES)).astimezone(UTC)
        if span is None:
            return first.replace(hour=0, minute=0, second=0, microsecond=0), now
        since = max(span[0], to_us(first))
        kept = self._archive.klines(instrument.id, interval, since, to_us(now) + 1)
        found = check_bars(instrument, interval, kept, now) if kept else []
        missing = [each.start_us for each in found if each.kind in ("gap", "stale")]
        if not kept:
            missing = [span[1] + STEP_US[interval]]
        return (from_us(min(missing)), now) if missing else None

    def _ask(
        self,
        source: MarketSource,
        instrument: Instrument,
        interval: Interval,
        span: tuple[datetime, datetime],
        filled: Filled,
    ) -> list[Kline]:
        try:
            return self._states.ask(source.name, lambda: source.klines(instrument, interval, *span))
        except (BackEndUnreachable, NotFound, DataError) as error:
            filled.refused[source.name] = error.message
            structlog.get_logger("market").warning("not filled", instrument=instrument.id, why=error.message)
            return []
