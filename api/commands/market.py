"""`tenor market backfill | watch | check | heat`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from api.commands.seat import Seat
from api.heat_view import view_heat
from api.holder import Outcome
from api.quality import Asked, judge_quality
from desk.clock import to_iso
from desk.errors import BackEndUnreachable, InputError
from desk.identity.roles import Action, check_may
from desk.instruments import Instrument
from desk.market.backfill import FIRST_DAYS, FIRST_MINUTES, Filled
from desk.market.events import Interval
from desk.market.feed import quoted
from desk.market.intake import Intake

LONGEST_WATCH_S = 300.0
_SOURCE_LINES = ("unreachable", "limited", "key refused")


class _Asked(NamedTuple):
    """What a command is about."""

    instruments: list[Instrument]
    interval: Interval
    start: datetime
    end: datetime


async def market(seat: Seat) -> Outcome:
    """Market data and news: brings, listens, judges, draws the heat map."""
    verbs: dict[str, Callable[[Seat], Outcome]] = {
        "backfill": _backfill,
        "watch": _watch,
        "check": _check,
        "heat": _heat,
    }
    return await asyncio.to_thread(verbs[seat.args.verb], seat)


def _backfill(seat: Seat) -> Outcome:
    """Exit 1 when an instrument got no bars because its sources failed."""
    check_may(seat.person(), Action.INGEST)
    intake = _connected(seat)
    asked, only = _asked(seat, intake), seat.args.source
    names = [source.name for source in intake.backfill.sources]
    if only and only not in names:
        raise InputError(f"source {only!r} is not switched on here; there are: {', '.join(names)}")
    filled = [intake.backfill.fill(i, asked.interval, asked.start, asked.end, only) for i in asked.instruments]
    rows = [_filled(each) for each in filled]
    lost = [each for each in filled if each.refused and not each.source]
    return Outcome(1 if lost else 0, {"filled": rows}, "\n".join(map(_filled_line, filled)))


def _check(seat: Seat) -> Outcome:
    """Exit 1 when something is missing or stale that a backfill can mend; of the history in the box nothing can be."""
    check_may(seat.person(), Action.READ_FILINGS)
    args, desk = seat.args, seat.runtime.desk
    interval: Interval = "1m" if args.interval == "1m" else "1d"
    start = _midnight(args.start) if args.start else None
    end = _midnight(args.end) + timedelta(days=1) if args.end else None
    judged = judge_quality(desk, Asked(args.instrument, interval, start, end))
    rows = [each.as_row() for each in judged.findings]
    kept = [{"instrument": each.id, "interval": interval, "rows": count} for each, count, _, _ in judged.series]
    lines = [f"{row['kind']:12} {row['instrument']:16} {row['start'][:16]} to {row['end'][:16]}  {row['detail']}"
             for row in rows]  # fmt: skip
    intake = desk.feeds.intake
    report = intake.report() if intake else {"sources": [], "inlet": None, "stream": None, "disagreements": []}
    shown = lines or [f"{len(kept)} series kept, nothing odd"]
    mendable = judged.live and any(each.kind in ("gap", "stale") for each in judged.findings)
    body = {**report, "live": judged.live, "kept": kept, "findings": rows}
    return Outcome(1 if mendable else 0, body, "\n".join([*(_source_lines(intake) if intake else []), *shown]))


def _watch(seat: Seat) -> Outcome:
    """Listens for `--seconds`; in a running desk to what it hears anyway. Exit 1 when nothing came."""
    check_may(seat.person(), Action.READ_FILINGS)
    intake, seconds = _connected(seat), seat.args.seconds
    if not 0 < seconds <= LONGEST_WATCH_S:
        raise InputError(f"--seconds {seconds:g} is not above 0 and at most {LONGEST_WATCH_S:g}")
    before = intake.inlet.counts.events
    intake.start()
    intake.wait(seconds)
    events = intake.inlet.counts.events - before
    feed = seat.runtime.desk.feed
    served = {instrument.id for instrument in intake.instruments}
    quotes = [
        {
            "instrument": priced.instrument.id,
            "bid": float(priced.quote.bid_ticks * priced.instrument.tick),
            "ask": float(priced.quote.ask_ticks * priced.instrument.tick),
            "at": to_iso(priced.quote.at),
        }
        for priced in quoted(feed)
        if priced.instrument.id in served
    ]
    result = {"seconds": seconds, "events": events, **intake.report(), "quotes": quotes, "books": _books(intake)}
    lines = [f"{q['instrument']:16} {q['bid']} / {q['ask']}  at {q['at']}" for q in quotes]
    lines = [f"{events} events in {seconds:g} s", *_source_lines(intake), *lines]
    return Outcome(0 if events or quotes else 1, result, "\n".join(lines))


def _heat(seat: Seat) -> Outcome:
    check_may(seat.person(), Action.READ_MARKET)
    found = view_heat(seat.runtime.desk)
    lines = [f"news known at {found.now[:16]}, {found.label}; {found.headlines} headlines"]
    for cell in (*found.sectors, *found.assets):
        burst = f", burst: {cell.burst_count} in two days, {cell.burst_usual:.1f} usual" if cell.bursting else ""
        name = f"{cell.sector}: {cell.name}" if cell.instrument else cell.name
        lines.append(f"{name:44} {cell.score:+.2f} of {cell.headlines:3} headlines, {cell.trend}{burst}")
    return Outcome(0, found.model_dump(mode="json"), "\n".join(lines))


def _books(intake: Intake) -> list[dict[str, object]]:
    """The best level of each kept order book, where it is whole."""
    found: list[dict[str, object]] = []
    for id, book in intake.stream.books.items() if intake.stream else ():
        top = book.top(1)
        if top is not None and top.bids and top.asks:
            found.append(
                {"instrument": id, "bid": float(top.bids[0][0]), "ask": float(top.asks[0][0]), "update": top.last}
            )
    return found


def _connected(seat: Seat) -> Intake:
    intake = seat.runtime.desk.feeds.intake
    if intake is None:
        raise BackEndUnreachable(
            "the market is the replay's; set TENOR_MARKET_SOURCES to binance, yahoo, alpha_vantage"
        )
    return intake


def _asked(seat: Seat, intake: Intake) -> _Asked:
    args, now = seat.args, seat.runtime.desk.wall.now()
    interval: Interval = "1m" if args.interval == "1m" else "1d"
    back = FIRST_DAYS if interval == "1d" else FIRST_MINUTES
    start = _midnight(args.start) if args.start else now - back
    end = min(_midnight(args.end) + timedelta(days=1), now) if args.end else now
    if start >= end:
        raise InputError(f"--from {args.start or start.date()} is not before --to {args.end or 'now'}")
    start = start.replace(hour=0, minute=0, second=0, microsecond=0) if interval == "1d" else start
    known = {instrument.id: instrument for instrument in intake.instruments}
    unknown = [id for id in args.instrument if id not in known]
    if unknown:
        raise InputError(
            f"{unknown[0]!r} is served by no live source here; give {', '.join(list(known)[:3])} or another"
        )
    chosen = [known[id] for id in args.instrument] or list(known.values())
    return _Asked([i for i in chosen if intake.backfill.serving(i, interval)], interval, start, end)


def _midnight(day: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), time(), UTC)
    except ValueError:
        raise InputError(f"day {day!r} is not of the form 2026-11-28") from None


def _filled(each: Filled) -> dict[str, object]:
    return {
        "instrument": each.instrument,
        "interval": each.interval,
        "source": each.source,
        **each.added._asdict(),
        "findings": [finding.as_row() for finding in each.findings],
        "refused": each.refused,
    }


def _filled_line(each: Filled) -> str:
    if not each.source:
        why = "; ".join(each.refused.values()) or "its sources have no such bars"
        return f"{each.instrument:16} nothing: {why}"
    odd = f", {len(each.findings)} findings" if each.findings else ""
    new, known, restated = each.added
    return f"{each.instrument:16} {new} new, {known} known, {restated} restated by {each.source}{odd}"


def _source_lines(intake: Intake) -> list[str]:
    return [f"{s.name}: {s.word}{': ' + s.why if s.word in _SOURCE_LINES else ''}" for s in intake.states.all()]
