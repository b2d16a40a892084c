"""Questions on insiders over forms taken in from an EDGAR on this machine, with the desk's own bars and a real fall.

Apple fell by 4.6 of its deviations on 28 and 29 September 2022; the current report of that day is made for the test,
the form is the real one of the box, told of Apple and of another day.
"""

from __future__ import annotations

import gzip

import pytest

from desk.filings.bundled import FOLDER
from desk.filings.edgar import Edgar, EdgarCompany
from desk.filings.edgar_wire import EdgarWire
from tests.edgar.server import AGENT, APPLE, EdgarServer, row
from tests.tools.test_case import context_with
from tools.surveillance import WatchMarket, watch_market

NEWS = b"<html><body><p>FORM 8-K</p><p>Apple Inc. will not raise production.</p></body></html>"
KINDS = ("insider_trading", "late_report")
SELLER = "Scarpelli Michael"


def form_4(day, signed):
    """The form of the box, its issuer, day of trade and of signature put in another's place."""
    text = gzip.decompress((FOLDER / "form4.snow.xml.gz").read_bytes()).decode()
    for before, after in (("SNOW<", "AAPL<"), ("0001640147", APPLE), ("Snowflake Inc.", "Apple Inc."),
                          ("2022-12-13", day), ("2022-12-14", signed)):  # fmt: skip
        assert before in text
        text = text.replace(before, after)
    return text.encode()


@pytest.fixture
def server():
    made = EdgarServer()
    made.start()
    yield made
    made.stop()


def take_in(runtime, server, tmp_path):
    edgar = Edgar(EdgarWire(AGENT, tmp_path / "edgar", server.url))
    source = EdgarCompany(edgar, APPLE)
    runtime.filings.ingest_from(source, [f for f in source.filings() if f.form in {"4", "8-K"}])
    edgar.close()


def put(server, traded, filed, news=True):
    if news:
        server.file(APPLE, row("0000320193-22-000099", "8-K", "2022-09-28", "2022-09-28", "n.htm", items="8.01"), NEWS)
    line = row("0000320193-22-000098", "4", filed, traded, "form4.xml")
    server.file(APPLE, line, form_4(traded, filed))


def watch(runtime, window="all", instruments=("XNAS:AAPL",)):
    context = context_with(runtime)
    officer = runtime.desk.people.get("compliance")
    arguments = WatchMarket(kinds=KINDS, instruments=instruments, window=window)
    return watch_market.run(type(context)(*_parts(context, officer)), arguments)


def _parts(context, officer):
    return context.desk, context.filings, context.knowledge, officer, "run-of-insiders"


async def test_a_sale_before_a_fall_and_a_late_form_are_told_with_their_evidence(runtime, server, tmp_path):
    put(server, "2022-09-20", "2022-09-30")
    take_in(runtime, server, tmp_path)
    rows = watch(runtime).found
    told = {found.kind: found for found in rows}
    assert set(told) == set(KINDS)
    assert {found.instrument for found in rows} == {"XNAS:AAPL"}
    assert all(found.accounts == (SELLER,) for found in rows)
    assert told["late_report"].end == "2022-09-30"
    assert "in the direction that paid" in " ".join(told["insider_trading"].rules)
    answer = await runtime.ask(
        "Suspicious insider trading alerts in all history?", runtime.desk.people.get("compliance")
    )
    assert not answer["abstained"]
    assert {fact["id"] for fact in answer["facts"]} >= {"forms_watched", "news_watched"}
    assert SELLER in answer["answer"]


@pytest.mark.parametrize(
    ("traded", "filed", "news"),
    [
        ("2022-09-20", "2022-09-21", False),  # nothing was announced
        ("2022-08-01", "2022-08-02", True),  # long before
        ("2022-09-29", "2022-09-30", True),  # after it
    ],
)
async def test_forms_that_came_in_time_without_such_news_tell_nothing(runtime, server, tmp_path, traded, filed, news):
    put(server, traded, filed, news)
    take_in(runtime, server, tmp_path)
    found = watch(runtime)
    assert found.found == ()
    assert found.forms


async def test_the_window_counts_from_the_day_of_knowledge(runtime, server, tmp_path):
    put(server, "2022-09-20", "2022-09-30")
    take_in(runtime, server, tmp_path)
    assert watch(runtime, "month").found == ()
    assert watch(runtime, "month").forms


async def test_forms_of_others_than_asked_for_are_named_as_missing(runtime, server, tmp_path):
    put(server, "2022-09-20", "2022-09-30")
    take_in(runtime, server, tmp_path)
    assert watch(runtime, instruments=("XNAS:MSFT",)).forms == ""
    answer = await runtime.ask("Suspicious insider trading alerts in Microsoft?", runtime.desk.people.get("compliance"))
    assert answer["abstained"]
    assert "none that this question is about was taken in" in answer["answer"]
