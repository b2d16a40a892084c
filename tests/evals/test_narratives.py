"""The narratives suite: its cases, both scripted writers, the guard and the checker, which judge apart."""

from __future__ import annotations

import random

import pytest

from agents.case_story import check, narrate
from agents.driver import NARRATOR
from desk.errors import InputError
from desk.fraud.story import plain_story, tell
from evals.narratives.checker import claims
from evals.narratives.scripted import KINDS, lie, retell
from evals.run import find_suite
from evals.suites.narratives import FILE, METRICS, StoryCase, count_stories, load_stories, measure, run
from tests.desk.fraud.test_casefile import alert
from tests.desk.fraud.worlds import found, town
from tests.desk.trading.fake_feed import instruments as fake_instruments

RING = next(one for one in found(town(plants=("ring",), seed=20221228)) if one.typology == "cycle")
STORY = tell(RING)
VALUES = {f"{{{{f:{fact.id}}}}}": str(fact.value) for fact in STORY.facts.all()}
SEEN_BY_THE_CHECKER = {
    "amount",
    "further amount",
    "person",
    "firm",
    "another account",
    "foreign giver",
    "date",
    "direction",
    "swapped givers",
    "swapped takers",
    "swapped amounts",
    "swapped days",
}


@pytest.fixture(scope="module")
def instruments():
    return fake_instruments()


def shown(text: str) -> str:
    return STORY.facts.fill(text)[0]


def test_the_suite_tells_at_least_two_hundred_cases():
    assert find_suite("narratives").cases == count_stories(FILE) >= 200


def test_the_template_says_only_what_the_case_has():
    found_claims = claims(RING, shown(STORY.text))
    assert len(found_claims) > 25
    assert [claim for claim in found_claims if not claim.holds] == []
    assert "{{" not in plain_story(RING)


@pytest.mark.parametrize("seed", range(40))
def test_an_honest_text_is_used_and_says_only_what_the_case_has(seed, instruments):
    text = retell(STORY.text, random.Random(seed))
    assert check(text, STORY, instruments) is None
    assert all(claim.holds for claim in claims(RING, shown(text)))


@pytest.mark.parametrize("number", range(len(KINDS)))
def test_no_lie_is_used_and_the_checker_sees_those_of_fact_by_itself(number, instruments):
    for seed in range(8):
        made = lie(STORY.text, VALUES, random.Random(seed), number)
        assert check(made.text, STORY, instruments) is not None, made
        if made.kind in SEEN_BY_THE_CHECKER:
            assert any(not claim.holds for claim in claims(RING, shown(made.text))), made


@pytest.mark.parametrize(
    "words",
    [
        "These payments never took place.",
        "It was planned for months.",
        "AC-5155 then kept it.",
        "{{f:t1}} came in cash.",
        "This was on 2022-12-24.",
        "AC-5155 → AC-3586: {{f:t2}} on 2022-12-24",
    ],
)
def test_words_that_the_case_does_not_bind_are_refused(words, instruments):
    assert check(f"{STORY.text}\n\n{words}", STORY, instruments) is not None


def test_a_wrong_line_of_cases_is_named(tmp_path):
    file = tmp_path / "w.jsonl"
    file.write_text('{"id": "w", "seed": -1}')
    with pytest.raises(InputError, match="line 1 is not a case: seed"):
        load_stories(file)


async def test_one_case_is_told_three_ways(runtime):
    person = runtime.desk.people.get("compliance")
    told = await narrate(RING, runtime.models, runtime.desk.feed.instruments, person, "test")
    assert (told.model, told.fallback, told.text) == (NARRATOR, None, STORY.text)
    result = await run.grade(runtime, StoryCase.model_construct(id="x", alert=alert("x")))
    assert result.passed, result.reason
    metrics = measure([result])
    assert set(metrics) == set(METRICS)
    assert (metrics["resolved"], metrics["escaped"], metrics["lies"]) == (1.0, 0.0, 3.0)
