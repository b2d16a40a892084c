"""FilingSource: one suite, run against the filings in the box, a folder of kept ones, and a company at EDGAR."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from desk.errors import DataError, NotFound
from desk.filings.bundled import BundledFilings
from desk.filings.edgar import Edgar, EdgarCompany
from desk.filings.edgar_wire import EdgarWire
from desk.filings.source import FilingSource
from rag.kept import LocalFilings
from rag.parse import parse_filing
from tests.edgar.server import AGENT, APPLE, EdgarServer


@pytest.fixture(params=["bundled", "kept", "edgar"])
def source(request, tmp_path) -> Iterator[FilingSource]:
    box = BundledFilings()
    if request.param == "bundled":
        yield box
    elif request.param == "kept":
        kept = LocalFilings(tmp_path)
        for filing in box.filings():
            kept.keep(replace(filing, source="your file"), box.fetch(filing.id))
        yield kept
    else:
        server = EdgarServer()
        server.start()
        edgar = Edgar(EdgarWire(AGENT, tmp_path, server.url, sleep=lambda _: None))
        yield EdgarCompany(edgar, APPLE)
        edgar.close()
        server.stop()


def test_filings_are_listed_in_a_stable_order_and_tell_where_they_come_from(source):
    first, again = source.filings(), source.filings()
    assert list(first) == list(again)
    assert len({filing.id for filing in first}) == len(first) > 1
    assert source.label
    assert all(filing.company and filing.form and filing.source and filing.filed for filing in first)


def test_every_document_can_be_fetched_and_read(source):
    for filing in source.filings():
        assert parse_filing(filing, source.fetch(filing.id)).text


def test_what_is_not_there_is_not_found(source):
    for id in ("nope", "../secret", "sec-0000000000-00-000000"):
        with pytest.raises(NotFound):
            source.fetch(id)
    assert issubclass(NotFound, DataError)
