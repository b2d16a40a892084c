from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.instruments import AssetClass, Instrument, Instruments
from desk.news.entities import score_headline, score_names
from desk.news.feed import Headline
from desk.news.sentiment import score_text

NOW = datetime(2022, 12, 28, tzinfo=UTC)


def made(id: str, name: str, kind: AssetClass = AssetClass.STOCK, *aliases: str) -> Instrument:
    return Instrument(id, name, kind, "USD", Decimal("0.01"), aliases=aliases)


KNOWN = Instruments(
    [
        made("A:FIN", "Finch Motors", AssetClass.STOCK, "Finch"),
        made("A:COR", "Corvid"),
        made("X:SPX", "S&P 500", AssetClass.INDEX),
        made("C:BTC", "Bitcoin", AssetClass.CRYPTO),
        made("O:XAU", "Gold", AssetClass.COMMODITY),
        made("FX:USDJPY", "USD/JPY", AssetClass.FOREX),
        made("FX:EURUSD", "EUR/USD", AssetClass.FOREX),
        made("FX:AUDUSD", "AUD/USD", AssetClass.FOREX),
    ]
)


def label(title: str, about: str, *others: str) -> str:
    item = Headline("h", title, "", "x", NOW, NOW, (about, *others))
    return score_headline(item, KNOWN.get(about), KNOWN).label


@pytest.mark.parametrize(
    ("title", "finch", "corvid"),
    [
        ("Finch sues Corvid over patents", "neutral", "negative"),
        ("Finch sued by Corvid", "negative", "neutral"),
        ("Finch Motors profit jumps while Corvid's loss widens", "positive", "negative"),
        ("Broker downgrades Finch, upgrades Corvid", "negative", "positive"),
        ("Finch wins order from Corvid", "positive", "neutral"),
        ("Finch slips 3% as Corvid climbs", "negative", "positive"),
        ("Finch's costs fall but Corvid's rise", "positive", "negative"),
        ("Finch and Corvid tumble on tariff fears", "negative", "negative"),
        ("Finch to publish results; Corvid beats estimates", "neutral", "positive"),
    ],
)
def test_each_name_gets_its_own_clause(title, finch, corvid):
    assert label(title, "A:FIN", "A:COR") == finch
    assert label(title, "A:COR", "A:FIN") == corvid


def test_a_headline_that_names_one_or_none_is_everybodys():
    for title in ("Carmakers slump on tariff fears", "Finch cuts guidance"):
        assert label(title, "A:COR", "A:FIN") == label(title, "A:FIN", "A:COR") == "negative"


@pytest.mark.parametrize(
    ("title", "pair", "wanted"),
    [
        ("Dollar falls against the yen", "FX:USDJPY", "negative"),
        ("Yen surges after a surprise from the central bank", "FX:USDJPY", "negative"),
        ("Euro climbs to a six-month high", "FX:EURUSD", "positive"),
        ("Dollar rises 1% against the euro", "FX:EURUSD", "negative"),
        ("Australian dollar slides", "FX:AUDUSD", "negative"),
        ("Carmaker cuts jobs", "FX:EURUSD", "neutral"),
        ("USDJPY tumbles 2%", "FX:USDJPY", "negative"),
    ],
)
def test_a_pair_rises_with_its_first_currency_and_falls_with_its_second(title, pair, wanted):
    assert label(title, pair) == wanted


def test_joined_names_share_a_verb():
    title = "Inflation cools; stocks, gold and bitcoin jump"
    for about in ("X:SPX", "C:BTC", "O:XAU"):
        others = [id for id in ("X:SPX", "C:BTC", "O:XAU") if id != about]
        assert label(title, about, *others) == "positive"


@given(st.text(max_size=120), st.text(min_size=1, max_size=8), st.text(min_size=1, max_size=8))
def test_any_text_and_names(text, one, other):
    found = score_names(text, {"a": (one,), "b": (other,)})
    assert list(found) == ["a", "b"]
    for heard in found.values():
        assert -1 <= heard.score <= 1
        assert 0 <= heard.confidence <= 1


def test_without_names_all_get_the_whole():
    text = "Profit rose 5 %"
    assert score_names(text, {"a": ("Zeta",)}) == {"a": score_text(text)}
    assert score_names(text, {}) == {}
