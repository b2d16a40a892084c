"""The suite filings: what it reads, what it refuses, what it counts, and its own cases played."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from desk.errors import InputError
from desk.facts import Fact
from evals.filings.dataset import Question, load_filings, load_questions
from evals.suites import filings
from rag.documents import Finding

PAGE = (
    "Acme Works, Inc.\nCONSOLIDATED BALANCE SHEETS\n(in millions)\nDecember 31,\n2022 2021\nAssets\n"
    "Cash\n$ 40\n$ 30\nInventories\n20\n10\nTotal current assets\n90\n70\nTotal assets\n$ 200\n$ 100\n"
)
ASKED = {"financebench_id": "q1", "company": "Acme Works", "doc_name": "ACMEWORKS_2022_10K", "question_type": "metrics",
         "question": "What were Acme Works' total assets at the end of FY2022?", "answer": "$200 million",
         "evidence": [{"doc_name": "ACMEWORKS_2022_10K", "evidence_page_num": 1}]}  # fmt: skip


def write(folder: Path, **files: object) -> Path:
    documents = [{"doc_name": "ACMEWORKS_2022_10K", "company": "Acme Works", "doc_type": "10k", "doc_period": 2022}]
    pages = [
        {"doc": "ACMEWORKS_2022_10K", "page": n, "text": text} for n, text in enumerate(("Cover of the report", PAGE))
    ]
    rows: dict[str, Any] = {"documents": documents, "pages": pages, "questions": [ASKED], **files}
    for name, lines in rows.items():
        text = lines if isinstance(lines, str) else "\n".join(json.dumps(line) for line in lines)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder


async def test_a_folder_of_another_store_is_asked(runtime, tmp_path):
    result = await filings.run(runtime, write(tmp_path), lambda _: None)
    assert (result.cases, result.passed, result.metrics["pages"]) == (1, 1, 2)
    assert (result.metrics["page_hit@1"], result.metrics["filing_hit@5"]) == (1.0, 1.0)
    assert (result.metrics["numeric_accuracy"], result.metrics["wrong_rate"], result.metrics["abstain_rate"]) == (
        1,
        0,
        0,
    )
    assert set(result.metrics) == set(filings.METRICS)


async def test_a_wrong_gold_fails_and_says_where(runtime, tmp_path):
    wrong = {**ASKED, "answer": "$300 million", "evidence": [{"evidence_page_num": 0}]}
    result = await filings.run(runtime, write(tmp_path, questions=[wrong]), lambda _: None)
    assert (result.passed, result.metrics["numeric_accuracy"], result.metrics["wrong_rate"]) == (0, 0.0, 1.0)
    assert "said 200000000, not $300 million" in result.cases_detail[0].reason


def test_pages_may_be_gzipped(tmp_path):
    folder = write(tmp_path)
    (folder / "pages.jsonl.gz").write_bytes(gzip.compress((folder / "pages.jsonl").read_bytes()))
    (folder / "pages.jsonl").unlink()
    assert [document.pages for document in load_filings(folder)] == [2]


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"questions": ""}, "holds no question"),
        ({"questions": "{"}, "questions.jsonl line 1: not JSON"),
        ({"questions": [{**ASKED, "evidence": []}]}, "line 1, evidence"),
        ({"documents": [{"doc_name": "X", "company": "Y", "doc_type": "10k"}]}, "documents.jsonl line 1, doc_period"),
        (
            {"documents": [{"doc_name": "OTHER", "company": "Y", "doc_type": "10k", "doc_period": 2020}]},
            "no page of OTHER",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path, files, why):
    folder = write(tmp_path, **files)
    with pytest.raises(InputError, match=why):
        load_questions(folder)
        load_filings(folder)


WORDS = ["about 5", "Yes. 5%", "2 and 3"]
NUMERIC = ["$1,832.00", "24.26", "-0.4%", "93 million", "(1.5)"]


@pytest.mark.parametrize(("answer", "numeric"), [*((a, True) for a in NUMERIC), *((a, False) for a in WORDS)])
def test_a_bare_number_is_told_from_words(answer, numeric):
    assert Question.model_validate({**ASKED, "answer": answer}).numeric is numeric


def test_the_headline_is_what_was_computed_last():
    def fact(id: str, value: str, *inputs: str) -> Fact:
        return Fact(id, id, Decimal(value), "USD", "FY2022", "source", "page 1", "USD", inputs)

    assert filings.headline(Finding("", (fact("a", "1"), fact("b", "2")))) == "2"
    assert filings.headline(Finding("", (fact("c", "3", "a", "b"), fact("a", "1"), fact("b", "2")))) == "3"
    assert filings.headline(Finding("", (fact("a", "1"),), abstained=True)) == ""


async def test_the_shipped_cases(runtime):
    result = await filings.run(runtime, None, lambda _: None)
    assert result.metrics["wrong_rate"] == 0.0
    assert result.metrics["page_hit@5"] is not None
    assert result.metrics["page_hit@5"] >= 0.95
    assert (result.metrics["numeric_accuracy"] or 0.0) >= 0.88
