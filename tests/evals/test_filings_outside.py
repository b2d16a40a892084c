"""Our own bare-number questions on FinanceBench's filings, whose text stays outside: asked where the folder is.

`filings_outside.jsonl` is for regression: rules were mended on it (docs/filings.md tells its first sight).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evals.filings.dataset import load_filings, load_questions
from evals.suites import filings

FOLDER = Path(os.environ.get("TENOR_TEST_DATA", "../shared/data")) / "financebench"
ASKED = Path(__file__).parent / "filings_outside.jsonl"


@pytest.fixture(scope="module")
def store():
    if not FOLDER.exists():
        pytest.skip(f"not run: {FOLDER} is not here; name the folder in TENOR_TEST_DATA")
    return filings.Store(load_filings(FOLDER))


def test_bare_numbers_of_the_filings_that_were_read(store):
    questions = load_questions(ASKED)
    assert all(question.numeric and filings.is_odd(question) for question in questions)
    found = filings.count_numbers([filings.judge(store, question) for question in questions])
    assert (found["wrong_rate"] or 0.0) <= 0.02
    assert (found["numeric_accuracy"] or 0.0) >= 0.9


def test_amounts_in_sentences_of_the_filings_that_were_read(store):
    asked = load_questions(ASKED.with_name("filings_outside_spoken.jsonl"))
    found = filings.count_numbers([filings.judge(store, question) for question in asked])
    assert found["wrong_rate"] == 0.0
    assert (found["numeric_accuracy"] or 0.0) >= 0.78


def test_questions_of_yes_or_no_on_the_filings_that_were_read(store):
    questions = load_questions(ASKED.with_name("filings_outside_verdicts.jsonl"))
    assert all(question.verdict and filings.is_odd(question) for question in questions)
    found = filings.count_verdicts([filings.judge(store, question) for question in questions])
    assert found["verdict_wrong_rate"] == 0.0
    assert (found["verdict_accuracy"] or 0.0) >= 0.9


async def test_amounts_in_sentences_of_the_filings_in_the_box(runtime):
    result = await filings.run(runtime, filings.FILE.with_name("filings_spoken.jsonl"), lambda _: None)
    assert result.metrics["wrong_rate"] == 0.0
    assert (result.metrics["numeric_accuracy"] or 0.0) >= 0.6


async def test_questions_of_yes_or_no_on_the_filings_in_the_box(runtime):
    result = await filings.run(runtime, filings.FILE.with_name("filings_verdicts.jsonl"), lambda _: None)
    assert result.metrics["verdict_wrong_rate"] == 0.0
    assert (result.metrics["verdict_accuracy"] or 0.0) >= 0.95


async def test_bare_numbers_of_the_filings_in_the_box(runtime):
    result = await filings.run(runtime, filings.FILE.with_name("filings_dev.jsonl"), lambda _: None)
    assert result.metrics["wrong_rate"] == 0.0
    assert (result.metrics["numeric_accuracy"] or 0.0) >= 0.9
