"""The sentiment suite: what it measures, what it refuses, and what the rules reach on text nobody fitted them to."""

import os
from pathlib import Path

import pytest

from desk.errors import InputError
from desk.settings import Settings
from evals.dataset import CASES, SuiteResult, load_cases
from evals.run import run_suite
from evals.suites import sentiment
from evals.suites.sentiment import Heard, calibration_error, is_unread, load_labelled, macro_f1, measure

PHRASES = Path(os.environ.get("TENOR_TEST_DATA", "../shared/data")) / "phrasebank" / "phrasebank.csv"
DEV = CASES / "sentiment_dev.jsonl"


def figure(result: SuiteResult, name: str) -> float:
    found = result.metrics[name]
    assert found is not None
    return found


async def test_our_own_headlines_and_posts():
    result = await run_suite("sentiment", Settings())
    assert figure(result, "accuracy") >= 0.91
    assert figure(result, "macro_f1") >= 0.90
    assert figure(result, "sure_half_accuracy") >= 0.92
    assert figure(result, "names_accuracy") >= 0.85
    assert 0.2 < figure(result, "always_neutral") < 0.4


async def test_the_unread_half_of_phrasebank():
    if not PHRASES.exists():
        pytest.skip(f"not run: {PHRASES} is not here; name the folder in TENOR_TEST_DATA")
    result = await run_suite("sentiment", Settings(), PHRASES)
    assert result.cases == 496
    assert figure(result, "accuracy") >= 0.80
    assert figure(result, "macro_f1") >= 0.775
    assert figure(result, "sure_half_accuracy") >= 0.92
    assert figure(result, "read_accuracy") >= 0.92


def test_the_shipped_cases_are_many_of_all_kinds_and_none_is_for_tuning():
    cases, dev = load_cases(sentiment.FILE), load_cases(DEV)
    assert len(cases) >= 150
    assert len(dev) >= len(cases) / 3
    assert not {case.input for case in cases} & {case.input for case in dev}
    assert len({case.input for case in cases}) == len(cases)
    for kind in ("headline", "post", "entities"):
        assert sum(case.metadata["kind"] == kind for case in cases) >= 10


def test_metrics_by_hand():
    heard = [
        Heard("a", "positive", "positive", 0.9, 1),
        Heard("b", "positive", "neutral", 0.4, 1),
        Heard("c", "neutral", "neutral", 0.8, 1),
        Heard("d", "negative", "positive", 0.7, 1),
        Heard("e", "negative", "negative", 0.5, 1, about="X"),
    ]
    found = measure(heard)
    assert found["accuracy"] == 0.5
    assert found["sure_half_accuracy"] == 1.0
    assert found["names_accuracy"] == 1.0
    assert found["always_neutral"] == 0.25
    assert found["negative_as_positive"] == 1
    assert found["macro_f1"] == pytest.approx((0.5 + 2 / 3 + 0) / 3, abs=1e-4)
    assert found["read_accuracy"] is None
    assert calibration_error(heard[:1]) == pytest.approx(0.1)
    assert macro_f1([]) is None


def test_the_halves_are_fixed():
    assert [is_unread(text) for text in ("a", "b", "Sales rose", "Profit fell")] == [False, False, True, True]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("sentence,label\n", "does not begin"),
        ("label,sentence\nhappy,Sales rose\n", "row 2"),
        ("label,sentence\nneutral,a\nneutral\n", "row 3"),
    ],
)
def test_a_file_of_the_wrong_shape_is_named(tmp_path, text, fault):
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=fault):
        load_labelled(path)


async def test_a_case_with_an_unknown_label_is_named(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text('{"id": "q", "input": "Sales rose", "target": {"label": "glad"}}\n')
    with pytest.raises(InputError, match="case q"):
        await run_suite("sentiment", Settings(), path)
