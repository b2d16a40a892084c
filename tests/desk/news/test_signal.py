"""The news signal: decay, sources, copies, trends and bursts, by knowledge time alone."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.market.history import History
from desk.news.bundled import BundledNews
from desk.news.feed import Headline
from desk.news.heat import draw_heat
from desk.news.signal import (
    HALF_LIFE_DAYS,
    WINDOW,
    Said,
    first_tellings,
    read_signal,
    source_weight,
    tail_chance,
)

NOW = datetime(2022, 12, 28, 21, tzinfo=UTC)


def headline(title: str, hours: float, source: str = "Reuters", instruments: tuple[str, ...] = ("XNAS:AAPL",)):
    known = NOW - timedelta(hours=hours)
    return Headline(f"{title}|{hours}|{source}", title, "", source, known, known, instruments)


def said(score: float, hours: float, weight: float = 1.0) -> Said:
    return Said(headline(f"{score} {hours}", hours), score, weight, 0)


some_news = st.lists(
    st.tuples(st.floats(-1, 1), st.floats(0.01, 1_000), st.sampled_from((0.4, 0.7, 1.0))), min_size=1, max_size=30
).map(lambda rows: [said(*row) for row in rows])


@given(some_news, st.randoms(use_true_random=False))
def test_the_order_of_headlines_is_no_matter(news: list[Said], dice: random.Random) -> None:
    shuffled = list(news)
    dice.shuffle(shuffled)
    one, other = read_signal(news, NOW), read_signal(shuffled, NOW)
    assert (one.score, one.weight, one.burst) == (other.score, other.weight, other.burst)


@given(some_news)
def test_what_becomes_known_later_changes_nothing(news: list[Said]) -> None:
    moment = NOW - timedelta(days=3)
    known = [each for each in news if each.headline.known <= moment]
    assert read_signal(news, moment) == read_signal(known, moment)


@given(some_news)
def test_a_score_stays_a_score_and_turns_round_with_its_news(news: list[Said]) -> None:
    turned = [Said(each.headline, -each.score, each.weight, 0) for each in news]
    one, other = read_signal(news, NOW), read_signal(turned, NOW)
    assert -1 <= one.score <= 1
    assert other.score == pytest.approx(-one.score, abs=1e-12)
    if one.trend.week is not None and other.trend.week is not None:
        assert other.trend.week == pytest.approx(-one.trend.week, abs=1e-9)


@given(st.floats(0.1, 1), st.floats(0, 600))
def test_a_lone_headline_fades_by_its_half_life(score: float, hours: float) -> None:
    fresh = 0.5 ** (hours / 24 / HALF_LIFE_DAYS)
    assert read_signal([said(score, hours)], NOW).score == pytest.approx(score * fresh / (fresh + 1), abs=1e-9)
    assert read_signal([said(score, hours)], NOW + WINDOW).score == 0


def test_more_of_the_same_says_more_and_a_wire_more_than_posts() -> None:
    one, two = read_signal([said(0.6, 1)], NOW), read_signal([said(0.6, 1), said(0.6, 2)], NOW)
    assert 0 < one.score < two.score < 0.6
    assert read_signal([said(0.6, 1, source_weight("X"))], NOW).score < one.score
    assert source_weight("REUTERS") > source_weight("A blog") > source_weight("x")


def test_a_copy_counts_once_as_it_was_first_known() -> None:
    first = headline("Apple beats estimates on strong iPhone sales", 30, "Reuters")
    copy = headline("Apple beats estimates on strong iPhone sales in China", 29, "A blog")
    other = headline("Apple faces lawsuit over patents", 28)
    late = headline("Apple beats estimates on strong iPhone sales", 30 - 96, "A blog")
    found = first_tellings([late, other, copy, first])
    assert [(item.id, copies) for item, copies in found] == [(first.id, 1), (other.id, 0), (late.id, 0)]


@given(st.integers(0, 40), st.integers(0, 200), st.floats(0.02, 1))
def test_the_tail_is_a_chance_that_falls_with_the_count(count: int, before: int, share: float) -> None:
    now, more = tail_chance(count, before, share), tail_chance(count + 1, before, share)
    assert 0 <= more <= now <= 1
    assert tail_chance(0, before, share) == 1
    assert tail_chance(count, before + 1, share) >= now - 1e-12


def test_the_tail_of_a_well_known_rate_is_poissons() -> None:
    before, share, count = 200_000, 0.0001, 30
    rate = before * share
    poisson = 1 - sum(math.exp(-rate + n * math.log(rate) - math.lgamma(n + 1)) for n in range(count))
    assert tail_chance(count, before, share) == pytest.approx(poisson, rel=0.01)


def test_steady_news_seldom_bursts_and_a_flood_does() -> None:
    dice, false = random.Random(7), 0
    for _ in range(400):
        count = sum(dice.random() < 0.02 for _ in range(28 * 24))
        hours = [dice.uniform(0.01, 28 * 24 - 0.01) for _ in range(count)]
        false += read_signal([said(0.0, each) for each in hours], NOW).burst.bursting
    assert false <= 400 * 0.03
    flood = [said(0.0, 24 * day) for day in range(3, 27)] + [said(0.0, 1 + n) for n in range(10)]
    assert read_signal(flood, NOW).burst.bursting
    assert not read_signal(flood, NOW, tests=10**9).burst.bursting


def test_a_trend_is_told_from_scatter() -> None:
    rising = [said(0.9 - day / 20 + (-1) ** day * 0.05, 24 * day + 1) for day in range(20)]
    flat = [said((-1) ** day * 0.5, 24 * day + 1) for day in range(20)]
    found = read_signal(rising, NOW).trend
    assert found.direction == "rising"
    assert found.week == pytest.approx(7 / 20, abs=0.05)
    assert read_signal(flat, NOW).trend.direction == "flat"
    assert read_signal(rising[:4], NOW).trend.direction == "too little news"


def test_the_map_of_the_box_is_by_sector_and_asset_and_knows_no_later_day() -> None:
    known = History().instruments
    heat = draw_heat(BundledNews(), known, NOW)
    assert {cell.sector for cell in heat.assets} == {cell.name for cell in heat.sectors}
    assert all(len(cell.scores) == len(heat.moments) for cell in (*heat.sectors, *heat.assets))
    earlier = draw_heat(BundledNews(), known, heat.moments[-3])
    then = {cell.name: cell.scores[-1] for cell in earlier.assets}
    now = {cell.name: cell.scores[-3] for cell in heat.assets}
    assert {name: now.get(name, 0.0) for name in then if name in now} == {
        name: score for name, score in then.items() if name in now
    }
    for cell in heat.assets:
        assert all(cell.instrument and cell.instrument.id in each.headline.instruments for each in cell.signal.evidence)


def test_without_news_the_map_is_empty() -> None:
    heat = draw_heat(BundledNews(), History().instruments, datetime(2001, 1, 1, tzinfo=UTC))
    assert (heat.sectors, heat.assets, heat.headlines) == ((), (), 0)
