"""How good the prices are: what is odd in them, by instrument, and where they come from. For the door and the command.

With live sources the kept bars are judged, else the history in the box. Nothing is corrected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from pydantic import BaseModel

from desk.errors import InputError
from desk.factory import Desk
from desk.instruments import Instrument
from desk.market.backfill import FIRST_DAYS, FIRST_MINUTES
from desk.market.events import STEP_US, Interval, Kline, from_us, to_us
from desk.market.feed import Bar, MarketFeed
from desk.market.history import History
from desk.market.intake import Intake
from desk.market.quality import Finding, check_bars

BUNDLED_DAYS = timedelta(days=3_653)
SOURCE = "bundled"
MOST = 400
"""Findings that a door shows; the newest."""


class Asked(NamedTuple):
    """What to judge; no ids: everything. Without `start` as far back as is usual, without `end` to now."""

    ids: Sequence[str] = ()
    interval: Interval = "1d"
    start: datetime | None = None
    end: datetime | None = None


class Judged(NamedTuple):
    """Kept series (instrument, rows, first and last day) and findings, by time; `live` when sources bring them."""

    series: list[tuple[Instrument, int, str, str]]
    findings: list[Finding]
    live: bool


class SeriesView(BaseModel):
    """One series with the number of findings of each kind, and where it comes from."""

    instrument: str
    name: str
    asset_class: str
    rows: int
    first: str
    last: str
    findings: dict[str, int]
    origin: str
    licence: str
    label: str
    note: str


class FindingView(BaseModel):
    """One thing that is odd; `source` is who said so."""

    kind: str
    instrument: str
    start: str
    end: str
    source: str
    detail: str


class SourceView(BaseModel):
    """A live source, and how it fares."""

    name: str
    state: str
    why: str


class QualityView(BaseModel):
    """Series by name; findings newest first, `total` of them. `live` false: the history in the box was judged."""

    live: bool
    series: list[SeriesView]
    findings: list[FindingView]
    total: int
    sources: list[SourceView]


def judge_quality(desk: Desk, asked: Asked) -> Judged:
    """InputError for an instrument that is not served, or a start that is not before the end."""
    intake = desk.feeds.intake
    return _judge_bundled(desk.feed, asked) if intake is None else judge_live(intake, asked, desk.wall.now())


def judge_live(intake: Intake, asked: Asked, now: datetime) -> Judged:
    """The bars that live sources brought."""
    back = FIRST_DAYS if asked.interval == "1d" else FIRST_MINUTES
    start, end = asked.start or now - back, min(asked.end or now, now)
    start = start.replace(hour=0, minute=0, second=0, microsecond=0) if asked.interval == "1d" else start
    judged, found = list[tuple[Instrument, int, str, str]](), list[Finding]()
    for instrument in choose(intake.instruments, asked, start, end):
        if not intake.backfill.serving(instrument, asked.interval):
            continue
        if intake.archive.span(instrument.id, asked.interval) is None:
            continue
        bars = intake.archive.versions(instrument.id, asked.interval, to_us(start), to_us(end))
        days = sorted(_day(bar.event_us) for bar in bars)
        judged.append((instrument, len(bars), days[0] if days else "", days[-1] if days else ""))
        found += intake.backfill.check(instrument, asked.interval, start, end)
    found += [each for each in intake.findings.open() if each.kind == "disagreement"]
    return Judged(judged, found, live=True)


def choose(known: Sequence[Instrument], asked: Asked, start: datetime, end: datetime) -> list[Instrument]:
    """The instruments asked for. InputError, as above."""
    if start >= end:
        raise InputError(f"--from {start.date()} is not before --to {end.date()}")
    by_id = {instrument.id: instrument for instrument in known}
    unknown = [id for id in asked.ids if id not in by_id]
    if unknown:
        some = ", ".join(list(by_id)[:3])
        raise InputError(f"{unknown[0]!r} is not served here; give {some} or another")
    return [by_id[id] for id in asked.ids] or list(by_id.values())


def view_quality(desk: Desk) -> QualityView:
    """Every series of the desk by day."""
    judged, history = judge_quality(desk, Asked()), History()
    counts = {each.id: Counter[str]() for each, *_ in judged.series}
    for finding in judged.findings:
        counts.setdefault(finding.instrument, Counter())[finding.kind] += 1
    series = [_series(each, rows, first, last, counts[each.id], history) for each, rows, first, last in judged.series]
    newest = sorted(judged.findings, key=lambda each: (-each.start_us, each.instrument))[:MOST]
    intake = desk.feeds.intake
    sources = [
        SourceView(name=state.name, state=state.word, why=state.why)
        for state in (intake.states.all() if intake else ())
    ]
    return QualityView(
        live=judged.live,
        series=sorted(series, key=lambda each: (each.asset_class, each.name)),
        findings=[FindingView(**each.as_row()) for each in newest],
        total=len(judged.findings),
        sources=sources,
    )


def _judge_bundled(feed: MarketFeed, asked: Asked) -> Judged:
    if asked.interval != "1d":
        raise InputError("the history in the box has days only; give --interval 1d")
    clocks = {clock.asset_class: clock.time for clock in feed.clocks()}
    end = asked.end or max(clocks.values())
    start = asked.start or end - BUNDLED_DAYS
    judged, found = list[tuple[Instrument, int, str, str]](), list[Finding]()
    for instrument in choose(list(feed.instruments), asked, start, end):
        bars = [_kline(instrument.id, bar) for bar in feed.bars(instrument.id, start.date(), end.date())]
        if bars:
            judged.append((instrument, len(bars), _day(bars[0].event_us), _day(bars[-1].event_us)))
        stale_at = min(clocks[instrument.asset_class], end)
        found += [each for each in check_bars(instrument, "1d", bars, stale_at) if each.kind != "stale"]
    return Judged(judged, sorted(found, key=lambda each: each.start_us), live=False)


def _kline(instrument: str, bar: Bar) -> Kline:
    at = to_us(datetime(bar.day.year, bar.day.month, bar.day.day, tzinfo=UTC))
    end = at + STEP_US["1d"]
    return Kline(instrument, SOURCE, at, end, end, "1d", bar.open, bar.high, bar.low, bar.close, None)


def _day(us: int) -> str:
    return from_us(us).date().isoformat()


def _series(each: Instrument, rows: int, first: str, last: str, found: Counter[str], history: History) -> SeriesView:
    origin = history.origin(each.id)
    return SeriesView(
        instrument=each.id,
        name=each.name,
        asset_class=each.asset_class.value,
        rows=rows,
        first=first,
        last=last,
        findings=dict(found),
        origin=origin.origin if origin else "",
        licence=origin.licence if origin else "",
        label=each.label,
        note=origin.note if origin else "",
    )
