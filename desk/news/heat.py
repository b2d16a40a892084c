"""The news as a heat map: a signal for each asset and each sector, now and on the days before, as known then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.instruments import Instrument, Instruments
from desk.news.entities import score_headline
from desk.news.feed import NewsFeed
from desk.news.signal import WINDOW, Said, Signal, first_tellings, read_signal, source_weight

DAYS = 14
"""Columns of the map."""
MOST_HEADLINES = 5_000


@dataclass(frozen=True)
class Cell:
    """One asset, or with `instrument` None a sector: its signal now, and its score at the end of each column's day."""

    name: str
    sector: str
    instrument: Instrument | None
    signal: Signal
    scores: tuple[float, ...]
    headlines: int


@dataclass(frozen=True)
class HeatMap:
    """Sectors and assets with news in the window, by sector and name; `moments` are the columns, oldest first."""

    now: datetime
    moments: tuple[datetime, ...]
    sectors: tuple[Cell, ...]
    assets: tuple[Cell, ...]
    headlines: int
    copies: int
    label: str


def sector_of(instrument: Instrument) -> str:
    """A company's sector; what is no company stands under its kind."""
    return instrument.sector or instrument.asset_class.value


def draw_heat(news: NewsFeed, known: Instruments, now: datetime, days: int = DAYS) -> HeatMap:
    """The map at `now`, of headlines known by then; empty without news. DataError when the feed fails."""
    moments = tuple(now - timedelta(days=back) for back in range(days - 1, -1, -1))
    found = news.headlines(now, (), moments[0] - WINDOW, MOST_HEADLINES)
    told = first_tellings(found)
    said: dict[str, list[Said]] = {}
    for item, copies in told:
        weight = source_weight(item.source)
        for id in item.instruments:
            about = known.known(id)
            if about is not None:
                score = score_headline(item, about, known).score
                said.setdefault(id, []).append(Said(item, score, weight, copies))
    listed = [each for each in known if each.id in said]
    assets = [_cell(each.name, sector_of(each), each, said[each.id], moments, len(listed)) for each in listed]
    names = sorted({sector_of(each) for each in listed})
    sectors = [_cell(name, name, None, _of_sector(listed, said, name), moments, len(names)) for name in names]
    return HeatMap(
        now=now,
        moments=moments,
        sectors=tuple(cell for cell in sectors if cell.headlines),
        assets=tuple(sorted((cell for cell in assets if cell.headlines), key=lambda cell: (cell.sector, cell.name))),
        headlines=sum(timedelta(0) <= now - item.known < WINDOW for item, _ in told),
        copies=sum(copies for _, copies in told),
        label=news.label,
    )


def _of_sector(listed: Sequence[Instrument], said: dict[str, list[Said]], name: str) -> list[Said]:
    """A headline on several assets of a sector counts once, with the mean of what it says of them."""
    by_id: dict[str, list[Said]] = {}
    for each in listed:
        if sector_of(each) == name:
            for one in said[each.id]:
                by_id.setdefault(one.headline.id, []).append(one)
    return [
        Said(them[0].headline, sum(one.score for one in them) / len(them), them[0].weight, them[0].copies)
        for them in by_id.values()
    ]


def _cell(
    name: str, sector: str, about: Instrument | None, said: list[Said], moments: Sequence[datetime], tests: int
) -> Cell:
    signal = read_signal(said, moments[-1], tests)
    scores = tuple(read_signal(said, moment).score for moment in moments)
    return Cell(name, sector, about, signal, scores, len(signal.evidence))
