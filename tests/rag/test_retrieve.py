"""Which passages come first: topics, parts of a company, dates, the latest report; which filings are scored."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from rag.chunking import cut_passages
from rag.places import Places
from rag.retrieve import Retriever
from rag.topics import is_segmented, topic_words
from tests.sizes import LONG


@pytest.fixture(scope="module")
def passages(documents):
    return [passage for document in documents.values() for passage in cut_passages(document)]


@pytest.fixture(scope="module")
def retriever(documents, passages):
    return Retriever(list(documents.values()), passages)


@pytest.mark.parametrize(
    ("question", "filing", "words"),
    [
        ("Who audits Apple's accounts?", "apple-10-k-2024", "REGISTERED PUBLIC ACCOUNTING FIRM"),
        ("What were Apple's net sales in the nine months ended June 29, 2024?", "apple-10-q-2024-q3", "296,105"),
        ("Which of Oracle's regions brought most revenue in Q1 FY2025?", "oracle-10-q-2025-q1", "EMEA"),
        ("What are Apple's net sales?", "apple-10-k-2024", "391,035"),
    ],
)
def test_what_is_asked_stands_among_the_first(retriever, question, filing, words):
    found = retriever.search(question, 5)
    assert any(passage.filing == filing and words.casefold() in passage.text.casefold() for passage in found)


def test_parts_of_a_company_are_told_from_the_whole():
    assert is_segmented("Which region had the highest sales?")
    assert is_segmented("What were net sales by segment?")
    assert not is_segmented("What was net income in 2023?")


def test_topics_give_the_words_of_their_section():
    assert "cybersecurity" in topic_words("How does it handle a data breach?")
    assert topic_words("What was net income?") == []


def test_only_filings_that_can_come_first_are_scored(documents, passages):
    places = Places(list(documents.values()), passages)
    value = dict.fromkeys(documents, 0.0) | {"apple-10-k-2024": 3.0}
    assert {passages[int(row)].filing for row in places.rows(value, 10)} == {"apple-10-k-2024"}
    assert len(places.rows(value, 10_000)) == len(passages)
    assert float(places.prior(value, np.array([len(passages) - 1])).max()) < 0


@pytest.mark.skipif(not LONG, reason="builds 100,000 passages; set TENOR_LONG_TESTS=1")
def test_a_hundred_thousand_passages(documents, passages, record_property):
    """Records CPU ms of a query with company and year; the first passage is of the company that is named."""
    apple, names = documents["apple-10-k-2024"], [f"Company{n:03d} Works" for n in range(100_000 // 185)]
    mine = [passage for passage in passages if passage.filing == apple.filing.id]
    many, held = [*documents.values()], list(passages)
    for n, name in enumerate(names):
        id = f"works-{n}"
        many.append(replace(apple, filing=replace(apple.filing, id=id, company=name, cik="", ticker="")))
        held += [
            replace(p, id=f"{id}-{p.id}", filing=id, document=p.document.replace("Apple Inc.", name)) for p in mine
        ]
    while len(held) < 100_000:
        held += [replace(p, id=f"more-{len(held)}-{p.id}") for p in passages]
    big = Retriever(many, held)
    big.search("What were Apple's net sales in fiscal 2023?", 10)
    for question in ("What was Company017 Works' capex in fiscal 2023?", "Why did Apple's tax rate rise in 2024?"):
        began = time.process_time()
        found = big.search(question, 10)
        record_property(question, 1000 * (time.process_time() - began))
        assert found[0].filing == ("works-17" if "Works" in question else "apple-10-k-2024")
