import pytest

from desk.filings.source import Filing
from rag.asked import Asked, read_periods
from rag.query import Companies, read_question

COMPANIES = Companies(
    [
        Filing(id="a", company="Apple Inc.", form="10-K", ticker="AAPL", cik="0000320193"),
        Filing(id="b", company="The Buckle", form="8-K", ticker="BKE"),
        Filing(id="c", company="Best Buy Co., Inc.", form="10-K"),
    ]
)


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("in 2023 and FY2024", [Asked(2023), Asked(2024)]),
        ("from 2021 to 2023", [Asked(2021), Asked(2022), Asked(2023)]),
        ("in FY22", [Asked(2022)]),
        ("Q3 of fiscal 2024", [Asked(2024, "Q3", months=3)]),
        ("the first quarter of 2025", [Asked(2025, "Q1", months=3)]),
        ("the third quarter", [Asked(None, "Q3", months=3)]),
        ("at September 28, 2024", [Asked(date="2024-09-28")]),
        ("nine months ended June 29, 2024", [Asked(date="2024-06-29", months=9)]),
        ("costs of $2,024 in total", []),
    ],
)
def test_periods(text, periods):
    assert list(read_periods(text)[0]) == periods


@pytest.mark.parametrize(
    ("text", "companies"),
    [
        ("apple's sales", ("Apple Inc.",)),
        ("AAPL sales", ("Apple Inc.",)),
        ("Compare Buckle and Apple", ("The Buckle", "Apple Inc.")),
        ("Best Buy margin", ("Best Buy Co., Inc.",)),
        ("Tesla sales", ()),
    ],
)
def test_companies(text, companies):
    assert read_question(text, COMPANIES).companies == companies


def test_unexplained_words_stay():
    (clause,) = read_question("What was Apple's revenue in Atlantis in 2023?", COMPANIES).clauses
    assert [mention.metric.id for mention in clause.mentions] == ["revenue"]
    assert clause.rest == ("atlantis",)


def test_a_second_question_is_its_own_clause():
    first, second = read_question("What were Apple's net sales, and how did iPhone do?", COMPANIES).clauses
    assert not first.rest
    assert second.rest == ("iphon",)
    assert second.how_did
