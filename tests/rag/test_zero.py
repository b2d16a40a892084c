"""Zero for a line that a statement lacks, when the question says that it counts as zero."""

from __future__ import annotations

import pytest

from rag.zero import agrees_on_zero


@pytest.mark.parametrize(
    "text",
    [
        "What dividends were paid? If none are reported, answer 0.",
        "What dividends were paid? State 0 if not applicable.",
        "What was goodwill? If the company reports none, treat it as zero.",
    ],
)
def test_a_question_may_count_nothing_as_zero(text: str):
    assert agrees_on_zero(text)


@pytest.mark.parametrize("text", ["What was the dividend in 2010?", "If it paid none, say so.", "Did it pay $0.10?"])
def test_most_do_not(text: str):
    assert not agrees_on_zero(text)


def test_zero_is_said_only_where_the_statement_has_no_such_line(answerer):
    said = answerer.answer("What were Apple's inventories at the end of fiscal 2024? If none are reported, answer 0.")
    assert [fact.value for fact in said.facts] == [7_286_000_000]


def test_zero_names_the_statement_that_was_read(answerer):
    said = answerer.answer("How much goodwill did Apple show at the end of fiscal 2024? If none is reported, state 0.")
    (fact,) = said.facts
    assert (fact.value, fact.unit) == (0, "USD")
    assert "none of the" in fact.locator
    assert "counts as zero" in said.answer
    assert said.citations


def test_without_such_words_nothing_is_said(answerer):
    assert answerer.answer("How much goodwill did Apple show at the end of fiscal 2024?").abstained
