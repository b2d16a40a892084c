"""Yes or no by computing: what a question claims, and the verdict with both figures."""

from decimal import Decimal

import pytest

from desk.facts import stray_numerals
from desk.filings.source import Filing
from rag.query import Companies
from rag.verdict.claim import read_claim

ACME = Companies(
    [
        Filing(id="a", company="Acme Corp", form="10-K", fiscal_year=2024, fiscal_period="FY", source="test"),
        Filing(id="b", company="Brill Inc", form="10-K", fiscal_year=2024, fiscal_period="FY", source="test"),
    ]
)


@pytest.mark.parametrize(
    ("question", "kind", "item", "sign", "years"),
    [
        ("Did Acme's current ratio improve in 2024?", "moved", "current ratio", 1, [2024]),
        ("Has Acme cut its R&D expense since 2022 and 2023?", "moved", "R&D expense since", -1, [2022, 2023]),
        ("Was there any drop in Acme's inventories between 2023 and 2024?", "moved", "inventories", -1, [2023, 2024]),
        ("Were Acme's sales lower in 2024 than in 2022?", "moved", "sales", -1, [2024, 2022]),
        ("Is Acme's net income below -$2.5 billion in 2024?", "bound", "net income", -1, [2024]),
        ("Was Acme loss-making in 2024?", "bound", "net income", -1, [2024]),
        ("Does Acme have negative working capital in 2024?", "bound", "have working capital", -1, [2024]),
        ("Did Acme's revenue exceed Brill's in 2024?", "beats", "revenue", 1, [2024]),
        ("Did Acme pay any dividends in 2024?", "exists", "pay dividends", 1, [2024]),
    ],
)
def test_a_claim_is_read(question, kind, item, sign, years):
    claim = read_claim(question, ACME)
    assert claim is not None
    assert (claim.kind, claim.side.item, claim.sign) == (kind, item, sign)
    assert [period.year for period in claim.periods] == years


def test_bounds_have_a_sign_and_a_scale():
    claim = read_claim("Is Acme's net income below -$2.5 billion in 2024?", ACME)
    assert claim is not None
    assert claim.bound == Decimal("-2500000000")


@pytest.mark.parametrize(
    "question",
    [
        "What was Acme's revenue in 2024?",
        "Did Acme's revenue grow in 2024, and why?",
        "Is revenue higher?",
        "Did Acme grow?",
        "Acme's revenue grew in 2024.",
        "Is Acme a good company?",
        "",
    ],
)
def test_other_questions_claim_nothing(question):
    assert read_claim(question, ACME) is None


@pytest.mark.parametrize(
    ("question", "begins", "values"),
    [
        ("Did Apple's current ratio improve between FY2023 and FY2024?", "- No: Apple Inc. current ratio fell",
         ["0.988", "0.8673", "-0.1207"]),
        ("Has Apple's net margin improved or dropped in FY2024?", "- Worsened: ", ["25.3062", "23.9713"]),
        ("Did Apple's inventories change in 2024?", "- Yes: Apple Inc. inventories rose", [6331000000, 7286000000]),
        ("Did Apple's inventories improve in 2024?", "- Up: ", [6331000000, 7286000000]),
        ("Did Apple's dividends paid exceed $15 billion in 2024?", "- Yes: ", [15234000000]),
        ("Is Oracle's hardware revenue lower in Q1 2025 than in Q1 2024?", "- Yes: ", [714000000, 655000000]),
        ("Were Apple's total assets in 2024 larger than Oracle's?", "- Yes: ", [364980000000, 140976000000]),
        ("Was Apple's operating income in 2024 larger than Oracle's?", "", []),
        ("Did Apple's revenue from Android phones grow in 2024?", "", []),
        ("Did Apple's revenue grow between FY2024 and Q3 2024?", "", []),
        ("Will Apple's revenue increase in 2025?", "", []),
    ],
)  # fmt: skip
def test_verdicts_come_from_cited_figures(answerer, question, begins, values):
    found = answerer.answer(question)
    if not begins:
        assert not found.answer.startswith(("- Yes", "- No", "- Up", "- Down"))
        return
    assert found.answer.startswith(begins)
    said = [fact.value for fact in found.facts]
    assert all(Decimal(value) in said for value in values)
    rows = {(f.source, f.locator.partition(", column")[0]) for f in found.facts if not f.inputs}
    assert len(found.citations) == len(rows) > 0
    assert stray_numerals(found.answer, [question]) == []


def test_the_formula_is_shown(answerer):
    answer = answerer.answer("Did Apple's quick ratio fall in fiscal 2024?").answer
    assert "= ((total current assets − inventories) ÷ total current liabilities)" in answer


def test_a_line_that_a_statement_lacks_is_a_no_only_where_existence_is_asked(answerer):
    assert answerer.answer("Did Apple pay dividends in 2024?").answer.startswith("- Yes: ")
    assert not answerer.answer("Did Oracle's goodwill impairment grow in Q1 2025?").answer.startswith("- ")
