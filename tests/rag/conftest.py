import pytest

from desk.filings.bundled import BundledFilings
from rag.answer import Answerer
from rag.parse import parse_filing


@pytest.fixture(scope="session")
def documents():
    source = BundledFilings()
    return {filing.id: parse_filing(filing, source.fetch(filing.id)) for filing in source.filings()}


@pytest.fixture(scope="session")
def answerer(documents):
    return Answerer(list(documents.values()))
