"""Market cases in the narratives suite: the template's story holds, and the checker sees what is not the case's."""

from __future__ import annotations

import re

import pytest

from agents.case_story import Narrated
from desk.fraud.abuse.case_book import MarketCase
from desk.fraud.abuse.telling import tell_market
from evals.narratives.market_checker import market_claims
from evals.suites.narratives import StoryWorld, load_stories, measure, run


@pytest.fixture(scope="module")
def alerts(tmp_path_factory):
    file = tmp_path_factory.mktemp("cases") / "market.jsonl"
    file.write_text(StoryWorld(id="m", seed=292, about="market", alerts=27).model_dump_json())
    return [case.alert for case in load_stories(file)]


def told(alert):
    story = tell_market(MarketCase(alert, "USD"))
    return Narrated(story.text, story).filled


def test_every_numeral_and_name_of_the_template_is_the_cases_own(alerts):
    assert len({alert.kind for alert in alerts}) == 8  # a pump in these companies would be chance
    for alert in alerts:
        claims = market_claims(alert, told(alert))
        assert [claim.words for claim in claims if not claim.holds] == []
        assert len(claims) > 5


LIES = {
    "quantity": (r"\[([\d,]+) units\]", "[987,654 units]"),
    "price": (r"at \[[\d,.]+ USD\]", "at [0.07 USD]"),
    "day": (r"USD\]\(#fact-p\w+\) on \d{4}-\d\d-\d\d", "USD](#fact-pr1) on 1999-12-31"),
    "id": (r"(order|trade) \w+", r"\1 zz99999"),
    "a number of the head": (r"\[\d+ rows\]", "[7777 rows]"),
    "a name": (r" of evidence", " of evidence against Globex"),
    "a bare figure": (r"of evidence", "of 4000 pieces of evidence"),
}


@pytest.mark.parametrize("what", LIES)
def test_the_checker_sees_what_is_not_the_cases(alerts, what):
    pattern, instead = LIES[what]
    seen = 0
    for alert in alerts:
        text = told(alert)
        changed = re.sub(pattern, instead, text, count=1)
        if changed != text:
            seen += 1
            assert not all(claim.holds for claim in market_claims(alert, changed)), (what, changed)
    assert seen >= 3


def test_numbers_of_two_rows_do_not_make_one(alerts):
    alert = next(one for one in alerts if one.kind == "spoofing")
    text = told(alert)
    first, second = re.findall(r"\[[\d,]+ units\]", text)[:2]
    assert first != second
    swapped = text.replace(first, "[?]", 1).replace(second, first, 1).replace("[?]", second, 1)
    assert not all(claim.holds for claim in market_claims(alert, swapped))


async def test_a_case_counts_in_the_suite_and_not_among_the_texts_of_models(runtime, tmp_path):
    file = tmp_path / "m.jsonl"
    file.write_text(StoryWorld(id="m", seed=293, about="market", alerts=5).model_dump_json())
    result = await run(runtime, file, lambda _: None)
    assert (result.cases, result.passed) == (5, 5)
    assert result.metrics["resolved"] == 1.0
    assert (result.metrics["lies"], result.metrics["used"]) == (0.0, None)
    assert measure([])["resolved"] is None
