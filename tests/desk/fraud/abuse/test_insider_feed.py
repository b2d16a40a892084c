"""Filings as the rules over insiders read them: names, days of knowledge, amendments, notices of sales."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from desk.filings.bundled import FOLDER
from desk.filings.ownership import read_insider, read_notice
from desk.filings.source import Filing
from desk.fraud.abuse.insider_feed import gather_reports
from desk.fraud.abuse.reports import find_late_reports
from desk.instruments import AssetClass, Instrument, Instruments

SNOW = "0001640147"
LISTED = Instruments([Instrument("XNYS:SNOW", "Snowflake Inc.", AssetClass.STOCK, "USD", Decimal("0.01"))])
NONE = Instruments([])
LATE = date(2030, 1, 1)


def fixture(name):
    return gzip.decompress((FOLDER / name).read_bytes())


FOUR = read_insider(fixture("form4.snow.xml.gz"))
THREE = read_insider(fixture("form3.snow.xml.gz"))
NOTICE = read_notice(fixture("apple.144.xml.gz"))


def filing(id, form="4", filed=date(2022, 12, 14), **more):
    return Filing(id, "Snowflake Inc.", form, SNOW, filed=filed, source="SEC EDGAR, accession", **more)


def test_companies_take_the_desks_name_and_else_their_ticker():
    forms = [(filing("f4"), FOUR), (filing("f3", "3", date(2020, 9, 15)), THREE)]
    news = [filing("k8", "8-K", date(2022, 11, 30)), filing("k8x", "8-K", date(2022, 11, 30), exhibit="EX-99")]
    for known, name in ((LISTED, "XNYS:SNOW"), (NONE, "SNOW")):
        found = gather_reports(forms, news, known, LATE)
        assert {trade.instrument for trade in found.trades} == {name}
        assert found.links == {name: {"Scarpelli Michael", "GARRETT MARK"}}
        assert [(told.id, told.instrument, told.day) for told in found.news] == [("k8", name, date(2022, 11, 30))]
        assert found.forms == 2
        assert found.of([name]) == found
        assert found.of(["XNAS:AAPL"]).forms == 0


@pytest.mark.parametrize(("today", "known"), [(date(2022, 12, 13), 0), (date(2022, 12, 14), 1)])
def test_nothing_is_known_before_it_was_filed(today, known):
    found = gather_reports([(filing("f4"), FOUR)], [filing("k8", "8-K", date(2022, 12, 14))], LISTED, today)
    assert (found.forms, len(found.filed), len(found.news)) == (known, known, known)
    assert {trade.known for trade in found.trades} == ({date(2022, 12, 14)} if known else set())


def test_a_day_that_the_archive_did_not_tell_is_the_signatures():
    own = replace(filing("f4", filed=FOUR.signed), source="your file form4.xml")
    late = replace(FOUR, signed=date(2023, 1, 9))
    (alert,) = find_late_reports(gather_reports([(own, late)], [], LISTED, LATE).filed)
    assert "by_signature" in [rule.id for rule in alert.rules]
    unsigned = gather_reports([(replace(own, filed=None), replace(FOUR, signed=None))], [], LISTED, LATE)
    assert unsigned.forms == 0


def test_an_amendment_that_repeats_its_form_counts_no_trade_twice():
    amended = replace(FOUR, form="4/A")
    both = gather_reports([(filing("f4"), FOUR), (filing("f4a", "4/A"), amended)], [], LISTED, LATE)
    alone = gather_reports([(filing("f4a", "4/A"), amended)], [], LISTED, LATE)
    once = gather_reports([(filing("f4"), FOUR)], [], LISTED, LATE)
    assert [t.units for t in both.trades] == [t.units for t in once.trades] == [t.units for t in alone.trades]


def test_a_notice_of_sale_links_the_seller_and_tells_sales_that_no_form_does():
    sold = ((date(2022, 12, 12), Decimal(100), Decimal(15_000)), (date(2022, 12, 13), Decimal(10), Decimal(1_400)))
    notice = replace(NOTICE, issuer="Snowflake Inc.", issuer_cik=SNOW, sold=(*sold, (None, Decimal(1), None)))
    about = filing("n144", "144", date(2022, 12, 20))
    (one, other) = gather_reports([(about, notice)], [], LISTED, LATE).trades
    assert (one.person, one.instrument, one.side, one.units, one.price) == (
        NOTICE.seller, "XNYS:SNOW", "sell", 100.0, 150.0,
    )  # fmt: skip
    assert (one.known, other.day) == (date(2022, 12, 20), date(2022, 12, 13))
    beside = gather_reports([(about, notice), (filing("f4"), FOUR)], [], NONE, LATE)
    assert [trade.day for trade in beside.trades if trade.person == NOTICE.seller] == [date(2022, 12, 12)]
    assert NOTICE.seller in beside.links["SNOW"]  # the Form 4 told the ticker of the CIK
    assert beside.of(["SNOW"]).forms == 2
