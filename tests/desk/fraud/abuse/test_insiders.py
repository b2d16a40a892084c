"""Trades before news, and reports that came late: planted sequences, the bundled Forms 3, 4 and 5."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from desk.filings.bundled import FOLDER
from desk.filings.ownership import read_insider
from desk.fraud.abuse.insiders import abnormal_return, find_insiders
from desk.fraud.abuse.limits import DAY
from desk.fraud.abuse.records import Announcement, Bars, PersonTrade
from desk.fraud.abuse.reports import Filed, find_late_reports, links_of, trades_of

START = date(2020, 1, 1)
NEWS = START + timedelta(days=600)


def bars(jump=0.15, seed=3):
    dice = np.random.default_rng(seed)
    logs = np.cumsum(dice.normal(0, 0.01, 700))
    logs[600:] += jump
    first = (START - date(1970, 1, 1)).days
    close = 50 * np.exp(logs)
    return Bars(
        "SNOW", np.arange(first, first + 700, dtype=np.float64) * DAY, close, close, close, np.full(700, np.nan)
    )


def bought(days_before, units=5_000.0, side="buy", **more):
    return PersonTrade(f"p{days_before}", "ann", "SNOW", side, NEWS - timedelta(days=days_before), units, 50.0, **more)


def judge(trades, jump=0.15, linked=("ann",)):
    news = [Announcement("8-K", "SNOW", NEWS)]
    return find_insiders(trades, news, {"SNOW": bars(jump)}, {"SNOW": set(linked)})


def test_a_first_purchase_before_good_news_is_told():
    (alert,) = judge([bought(5)])
    assert (alert.kind, alert.accounts, alert.amount) == ("insider_trading", ("ann",), 250_000.0)
    assert {rule.id for rule in alert.rules} == {"before_news", "linked_person", "unusual_size"}
    assert alert.figures["z"] > 5
    assert alert.figures["days_before"] == 5
    assert len(judge([bought(5, side="sell")], jump=-0.15)) == 1


@pytest.mark.parametrize(
    "trades",
    [
        [bought(5, planned=True)],
        [bought(5, side="sell")],
        [bought(50)],
        [bought(0)],
        [bought(5, units=10)],
        [bought(30 * n + 5) for n in range(15)],
    ],
    ids=["a plan", "the wrong way", "long before", "the same day", "little", "every month"],
)
def test_what_is_innocent_is_let_go(trades):
    assert judge(trades) == []


def test_news_that_moved_nothing_and_strangers_are_let_go_unless_huge():
    assert judge([bought(5)], jump=0.0) == []
    assert judge([bought(5)], linked=()) == []
    months = [bought(30 * n + 5, units=300.0) for n in range(1, 15)]
    assert judge([*months, bought(5, units=1_500.0)], linked=()) == []
    (alert,) = judge([*months, bought(5, units=9_000.0, option=True)], linked=())
    assert {rule.id for rule in alert.rules} == {"before_news", "not_linked", "unusual_size"}
    assert alert.figures["times_usual"] == 30
    assert alert.evidence[0].what == "buy option"


def test_the_market_is_taken_off_and_short_series_say_nothing():
    made = bars()
    market = Bars("SPX", made.at, made.high, made.low, made.close, made.volume)
    alone, beside = (abnormal_return(made, NEWS, each) for each in (None, market))
    assert alone is not None
    assert alone > 5
    assert beside is None or abs(beside) < 3
    assert abnormal_return(made, START + timedelta(days=20), None) is None
    assert abnormal_return(made, START + timedelta(days=699), None) is None


def form(file):
    return read_insider(gzip.decompress((FOLDER / file).read_bytes()))


SNOW_4, SNOW_3, SNOW_5 = (f"form{n}.snow.xml.gz" for n in (4, 3, 5))


def test_the_bundled_forms_were_in_time():
    files = [SNOW_3, SNOW_4, SNOW_5, "374WaterForm4.xml.gz"]
    assert find_late_reports([Filed(file, form(file)) for file in files]) == []


@pytest.mark.parametrize(
    ("file", "on", "rule", "late"),
    [
        (SNOW_4, date(2022, 12, 19), "form_4_late", 4),
        (SNOW_3, date(2020, 10, 5), "form_3_late", 10),
        (SNOW_5, date(2022, 4, 1), "form_5_late", 15),
    ],
)
def test_the_same_forms_filed_later_are_late(file, on, rule, late):
    (alert,) = find_late_reports([Filed(file, form(file), on)])
    assert (alert.kind, alert.figures["days_late"]) == ("late_report", late)
    assert [fired.id for fired in alert.rules] == [rule]
    assert alert.instrument == "SNOW"
    assert {row.what for row in alert.evidence} == {"filed", "event", "due"}
    amended = replace(form(file), form=f"{form(file).form}/A")
    assert find_late_reports([Filed(file, amended, on)]) == []


def test_a_day_of_grace_covers_a_holiday_and_a_late_signature_is_a_lower_bound():
    assert find_late_reports([Filed("x", form(SNOW_4), date(2022, 12, 16))]) == []
    (alert,) = find_late_reports([Filed("x", replace(form(SNOW_4), signed=date(2023, 1, 9)))])
    assert [fired.id for fired in alert.rules] == ["form_4_late", "by_signature"]
    assert find_late_reports([Filed("x", replace(form(SNOW_4), signed=None))]) == []


def test_a_purchase_on_a_form_5_belonged_on_a_form_4():
    gift = form(SNOW_5)
    line = replace(gift.lines[0], code="P", price=Decimal(10), acquired=True)
    (alert,) = find_late_reports([Filed("x", replace(gift, lines=(line, *gift.lines[1:])))])
    assert [fired.id for fired in alert.rules] == ["form_5_for_4", "by_signature"]


def test_forms_give_trades_and_links():
    filed = [Filed("f4", form(SNOW_4)), Filed("f3", form(SNOW_3))]
    trades = trades_of(filed)
    assert {(t.person, t.instrument, t.side, t.day) for t in trades} == {
        ("Scarpelli Michael", "SNOW", "sell", date(2022, 12, 13))
    }
    assert trades[0].units == 73170
    assert links_of(filed) == {"SNOW": {"Scarpelli Michael", "GARRETT MARK"}}
