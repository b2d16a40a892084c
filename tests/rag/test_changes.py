"""Two filings side by side, changes of sections, summaries, cells; the second year is an edited copy, labelled so."""

import gzip
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.filings.bundled import FOLDER, BundledFilings
from rag.cells import placed_cells
from rag.changes import mark_words, section_changes, shared_sections
from rag.compare import choose_metrics, compare
from rag.parse import parse_filing
from rag.study import answer_study, asks_for_section, read_study
from rag.summary import summarise

TENTH = "apple-10-k-2024"
GONE = "The Company is exposed to credit risk and fluctuations in the values of its investment portfolio."
"""A headline of the real filing that the edited copy, a made-up later year, no longer has."""
NEW = "The Company depends on a made-up mineral that tests invented, and its supply can end at any time."
EDITS = (
    (GONE, NEW),
    ("The price of the Company’s stock is subject to volatility.", "The price of the Company’s stock can swing a lot."),
)


@pytest.fixture(scope="module")
def years(documents):
    """The real filing, and a copy that says it is a year later with one headline replaced and one reworded."""
    raw = gzip.decompress((FOLDER / "Apple.10-K.html.gz").read_bytes()).decode()
    for old, new in EDITS:
        for form in (old, old.replace("’", "&#8217;")):
            raw = raw.replace(form, new)
    assert NEW in raw
    real = documents[TENTH]
    later = replace(real.filing, id="edited-2025", fiscal_year=2025, period_end=date(2025, 9, 27), source="edited copy")
    return real, parse_filing(later, raw.encode())


def changes_of(first, second, pair):
    """What `section_changes` finds; a part that is not there fails the test by itself."""
    return section_changes(first, second, pair)


def compared(first, second, *ids):
    """What `compare` finds of these metrics, of all when none are named."""
    return compare(first, second, choose_metrics(ids)[0])


def risk_factors(first, second):
    return next(pair for pair in shared_sections(first, second) if "Risk Factors" in pair[1].title)


def test_a_replaced_and_a_reworded_headline_are_all_that_changed(years):
    first, second = years
    found = changes_of(first, second, risk_factors(first, second))
    assert all(change.heading for change in found.changes)
    kinds = {change.kind: change for change in found.changes}
    assert (len(kinds), len(found.changes)) == (3, 3)
    assert kinds["added"].after.quote.strip() == NEW
    assert kinds["dropped"].before.quote.strip() == GONE
    assert [piece.mark for piece in kinds["changed"].pieces] == ["same", "dropped", "added"]
    assert found.same > 90
    for change in found.changes:
        for document, place in zip(years, (change.before, change.after), strict=True):
            assert place is None or document.text[place.start : place.end] == place.quote


def test_a_filing_against_itself_has_no_changes(documents):
    document = documents[TENTH]
    for pair in shared_sections(document, document):
        found = changes_of(document, document, pair)
        assert found.changes == ()


def test_sections_of_two_forms_are_paired_by_name_and_not_by_number(documents):
    pairs = shared_sections(documents["apple-10-q-2024-q3"], documents[TENTH])
    titles = {one.title.partition(".")[0]: two.title.partition(".")[0] for one, two in pairs}
    assert titles["Item 2"] == "Item 7"
    assert titles["Item 4"] in {"Item 4", "Item 9A"}
    assert len({two.id for _, two in pairs}) == len(pairs)


@given(
    st.lists(st.sampled_from(["risk", "the", "of,", "supply.", "2024"])), st.lists(st.sampled_from(["risk", "a", "of"]))
)
def test_marked_words_give_both_texts_back(before, after):
    pieces = mark_words(" ".join(before), " ".join(after))
    assert " ".join(p.text for p in pieces if p.mark != "added").split() == before
    assert " ".join(p.text for p in pieces if p.mark != "dropped").split() == after


def test_the_year_before_is_read_from_the_same_filing_and_every_value_is_cited(documents):
    document = documents[TENTH]
    found = compared(document, document)
    rows = {row.metric.id: row for row in found.rows}
    revenue = rows["revenue"]
    assert (revenue.first.fact.value, revenue.second.fact.value) == (Decimal(383285000000), Decimal(391035000000))
    assert revenue.change.value == Decimal("2.02")
    assert revenue.change.inputs == (revenue.second.fact.id, revenue.first.fact.id)
    assert rows["effective_tax_rate"].change.unit == "percentage points"
    assert len(rows["operating_margin"].second.citations) == 2
    assert rows["financing_cash"].change is None
    for row in found.rows:
        for side in filter(None, (row.first, row.second)):
            assert side.citations
            assert all(document.text[c.start : c.end] == c.quote for c in side.citations)


def test_periods_of_unlike_length_have_no_change_and_say_so(documents):
    found = compared(documents["apple-10-q-2024-q3"], documents[TENTH], "revenue", "total_assets")
    revenue, assets = found.rows
    assert revenue.change is None
    assert "length" in revenue.note
    assert assets.change.unit == "%"


def test_a_quarterly_cash_flow_is_taken_since_the_start_of_the_year(documents):
    document = documents["apple-10-q-2024-q3"]
    (row,) = compared(document, document, "operating_cash").rows
    assert (row.first.months, row.second.months) == (9, 9)
    assert row.change is not None


def test_a_peer_is_compared_by_ratio(documents):
    found = compared(documents["apple-10-q-2024-q3"], documents["oracle-10-q-2025-q1"], "revenue")
    assert not found.same_company
    change = found.rows[0].change
    assert change.unit == "ratio"
    assert change.value == (Decimal(13307) / Decimal(85777)).quantize(Decimal("0.0001"))


def test_an_unknown_metric_is_named():
    assert choose_metrics(["revenue", "moonshine"])[1] == ("moonshine",)


def test_every_figure_is_found_in_its_printed_cell(documents):
    for document in documents.values():
        placed = placed_cells(document, document.blocks)
        assert sum(map(len, placed.values())) == len(document.figures)
        assert len({(id, c.row, c.column) for id, cells in placed.items() for c in cells}) == len(document.figures)


def test_a_summary_is_verbatim_in_order_and_of_the_section(documents):
    document = documents[TENTH]
    for section in document.sections:
        if section.level == 2:
            found = summarise(document, section)
            assert [c.start for c in found.sentences] == sorted(c.start for c in found.sentences)
            assert all(section.start <= c.start < section.end for c in found.sentences)
            assert all(document.text[c.start : c.end] == c.quote for c in found.sentences)
            assert len(found.sentences) == min(3, found.of)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What changed in Apple's risk factors?", "changes"),
        ("Which risk factors are new in Apple's 10-K?", "changes"),
        ("Which risk factors did Apple drop?", "changes"),
        ("Summarise the legal proceedings of Apple", "summary"),
        ("Summarize Apple's 10-K", "summary"),
        ("How did Apple's net sales change?", None),
        ("What are Apple's risk factors?", None),
        ("What was net income in 2024?", None),
    ],
)
def test_a_question_about_a_section_is_known(question, kind):
    study = read_study(question, BundledFilings().filings())
    assert (study and study.kind) == kind
    assert asks_for_section(question) is (kind is not None)


def test_changes_are_told_with_counted_facts_and_abstained_from_without_a_second_filing(years):
    study = read_study("What changed in Apple's risk factors?", [years[0].filing])
    assert study is not None
    read = {document.filing.id: document for document in years}.__getitem__
    alone = answer_study(study, [years[0].filing], read)
    assert alone.abstained
    assert "only 10-K" in alone.reason
    both = answer_study(study, [document.filing for document in years], read)
    assert [int(fact.value) for fact in both.facts] == [1, 1, 1]
    assert f"> {NEW}" in both.answer
    assert {citation.filing for citation in both.citations} == {TENTH, "edited-2025"}
