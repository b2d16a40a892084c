"""How the headlines on an instrument sound, by rules; the headlines themselves as evidence.

Headlines are untrusted: they are fenced for a model, and what is shown of them is bare words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from pydantic import Field

from desk.clock import to_iso
from desk.facts import Fact
from desk.news.entities import score_headline
from desk.news.feed import Headline
from desk.news.sentiment import Label, Sentiment
from desk.news.signal import HALF_LIFE_DAYS
from tools import reads
from tools.context import Arguments, Result, Tool, ToolContext

RECENT = timedelta(days=7)
MOST_HEADLINES = 60
SHOWN = 5
MOST_WORDS = 4
TREND_FROM = Decimal("0.10")
_ODD = re.compile(r"[\[\]{}()<>*_`|\\#~]|https?:\S+|[\x00-\x1f\x7f]")


class ReadSentiment(Arguments):
    """Which instruments, over how many days before the market clock."""

    instruments: tuple[str, ...] = Field(min_length=1, max_length=6)
    days: int = Field(default=30, ge=1, le=365)


class HeadlineRow(Result):
    """One headline. `fenced` is for a model, `title` its bare words; `score` and `confidence` are slots.

    `sounds` is the rules' label, `sure` their confidence in it, in [0, 1]; `words` are those that counted, each with
    its role (`“beats estimates”: beat`).
    """

    fenced: str
    title: str
    source: str
    published: str
    label: str
    score: str
    value: float
    sounds: Label
    confidence: str
    sure: float
    words: tuple[str, ...]


class SentimentRow(Result):
    """One instrument. Slots; empty slots and no headlines when there is no news."""

    instrument: str
    name: str
    score: str
    count: str
    recent: str
    before: str
    mood: str
    trend: str
    headlines: tuple[HeadlineRow, ...]


class SentimentRows(Result):
    """In the order asked; `source` says what the news is."""

    rows: tuple[SentimentRow, ...]
    source: str


def _read(context: ToolContext, arguments: ReadSentiment) -> SentimentRows:
    now, news = context.desk.feed.now(), context.desk.news
    since = now - timedelta(days=arguments.days)
    rows = []
    for id in arguments.instruments:
        found = news.headlines(now, [id], since, MOST_HEADLINES)
        rows.append(_row(context, id, found, now))
    return SentimentRows(text="headlines scored", rows=tuple(rows), source=news.label)


def _row(context: ToolContext, id: str, found: Sequence[Headline], now: datetime) -> SentimentRow:
    instrument = context.desk.feed.instruments.get(id)
    key, source = instrument.symbol.lower().replace("/", ""), context.desk.news.label
    if not found:
        none = {name: "" for name in ("score", "count", "recent", "before", "mood", "trend")}
        return SentimentRow(instrument=id, name=instrument.name, headlines=(), **none)
    heard = [score_headline(item, instrument, context.desk.feed.instruments) for item in found]
    scores = [each.score for each in heard]
    late = [n for n, item in enumerate(found) if now - item.known <= RECENT]
    early = [n for n in range(len(found)) if n not in late]
    all_of, recent, before = (_mean(found, scores, part, now) for part in (range(len(found)), late, early))

    parts = {"sentiment_recent": late, "sentiment_before": early}

    def fact(name: str, label: str, value: Decimal | None, unit: str, how: str) -> str:
        if value is None:
            return ""
        known, seen = f"{instrument.symbol} {label}", [found[n] for n in parts.get(name, range(len(found)))]
        made = Fact(f"{key}_{name}", known, value, unit, to_iso(now), source, how)
        return context.facts.add(replace(made, reads=tuple(reads.news(item.id) for item in seen)))

    weighed = f"rule scores weighted by age, half-life {HALF_LIFE_DAYS:.0f} days"
    return SentimentRow(
        instrument=id,
        name=instrument.name,
        score=fact("sentiment", "sentiment score", all_of, "ratio", weighed),
        count=fact("headlines", "headlines", Decimal(len(found)), "headlines", "known at the market clock"),
        recent=fact("sentiment_recent", "sentiment, last week", recent, "ratio", weighed),
        before=fact("sentiment_before", "sentiment before that", before, "ratio", weighed),
        mood=_mood(all_of or Decimal(0)),
        trend=_trend(recent, before),
        headlines=_shown(context, key, found, heard),
    )


def _mean(found: Sequence[Headline], scores: list[float], part: Sequence[int], now: datetime) -> Decimal | None:
    """Weighted by age, in [-1, 1]; None without headlines."""
    if not part:
        return None
    weights = [0.5 ** ((now - found[n].known).total_seconds() / 86_400 / HALF_LIFE_DAYS) for n in part]
    mean = sum(w * scores[n] for w, n in zip(weights, part, strict=True)) / sum(weights)
    return Decimal(str(round(mean, 3)))


def _mood(score: Decimal) -> str:
    if abs(score) < TREND_FROM:
        return "mixed or neutral"
    return "rather positive" if score > 0 else "rather negative"


def _trend(recent: Decimal | None, before: Decimal | None) -> str:
    if recent is None or before is None:
        return "no trend can be told"
    if abs(recent - before) < TREND_FROM:
        return "about the same as before"
    return "better than before" if recent > before else "worse than before"


def _shown(
    context: ToolContext, key: str, found: Sequence[Headline], heard: Sequence[Sentiment]
) -> tuple[HeadlineRow, ...]:
    """The headlines that carry the score: strongest first, of equals the newest."""
    order = sorted(range(len(found)), key=lambda n: (-abs(heard[n].score), n))[:SHOWN]
    return tuple(_headline(context, f"{key}_h{place}", found[n], heard[n]) for place, n in enumerate(order, 1))


def _headline(context: ToolContext, key: str, item: Headline, heard: Sentiment) -> HeadlineRow:
    title, how = bare(item.title), f"rules on headline {item.id}"

    def fact(id: str, label: str, value: float) -> str:
        exact = Decimal(str(round(value, 2)))
        made = Fact(id, label, exact, "ratio", to_iso(item.known), item.source, how)
        return context.facts.add(replace(made, reads=(reads.news(item.id),)))

    return HeadlineRow(
        fenced=f"<untrusted>{title}</untrusted>",
        title=title,
        source=item.source,
        published=to_iso(item.published)[:10],
        label=item.label,
        score=fact(key, "headline score", heard.score),
        value=heard.score,
        sounds=heard.label,
        confidence=fact(f"{key}_sure", "confidence in that score", heard.confidence),
        sure=heard.confidence,
        words=tuple(f"“{bare(e.text, 60)}”: {e.why}" for e in heard.evidence[:MOST_WORDS]),
    )


def bare(words: str, most: int = 200) -> str:
    """A headline without links, markup, slots or control characters, on one line."""
    return " ".join(_ODD.sub(" ", words).split())[:most]


read_sentiment = Tool(
    "read_sentiment",
    "Sentiment of the news about instruments: score, trend and the strongest headlines.",
    ReadSentiment,
    _read,
)
