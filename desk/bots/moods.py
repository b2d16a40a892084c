"""Moods of instruments as bounded numbers, one per source: all that a strategy ever learns of the news."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from desk.bots.strategies import Signal
from desk.instruments import Instruments
from desk.market.feed import MarketFeed
from desk.news.entities import score_headline
from desk.news.feed import NewsFeed

REACH = timedelta(days=7)
HALF_LIFE = timedelta(days=1)
MOST_HEADLINES = 60


def build_moods(news: NewsFeed, feed: MarketFeed) -> Callable[[str], Sequence[Signal]]:
    """Scores by rules of what was known in the last week, newer weighing more; read once a market minute."""
    kept: dict[str, tuple[datetime, list[Signal]]] = {}

    def moods(instrument: str) -> Sequence[Signal]:
        now = feed.now()
        minute = now.replace(second=0, microsecond=0)
        known = kept.get(instrument)
        if known is None or known[0] != minute:
            known = kept[instrument] = (minute, _score(news, feed.instruments, instrument, now))
        return known[1]

    return moods


def _score(news: NewsFeed, known: Instruments, instrument: str, now: datetime) -> list[Signal]:
    sums: dict[str, float] = defaultdict(float)
    weights: dict[str, float] = defaultdict(float)
    about = known.get(instrument)
    for headline in news.headlines(now, [instrument], now - REACH, MOST_HEADLINES):
        weight = 0.5 ** ((now - headline.known) / HALF_LIFE)
        sums[headline.source] += weight * score_headline(headline, about, known).score
        weights[headline.source] += weight
    return [Signal(source, sums[source] / weights[source], weights[source]) for source in sorted(weights)]
