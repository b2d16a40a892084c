"""The suite of tool calls: what it offers, how it counts, and that it says so when there is no local model."""

from __future__ import annotations

import json

import pytest

from desk.errors import InputError
from desk.llm.chat import CallPart, Part
from desk.settings import Settings
from evals.dataset import Case, load_cases
from evals.run import run_suite
from evals.suites.tools_local import FILE, Judged, judge, measure, offered
from tests.llm.routing import Scripted
from tools.examples import load_examples

APPLE = Case(id="a", input="Apple?", target={"tool": "read_quotes", "instruments": ["XNAS:AAPL"]})
NOTHING = Case(id="n", input="A poem", target={"tool": None})


def calls(name: str, arguments: object):
    return lambda _: [Part(call=CallPart(0, "c1", name, json.dumps(arguments)))]


async def test_without_a_local_model_nothing_is_run():
    with pytest.raises(InputError, match=r"not run: .*tenor models fetch small.*TENOR_LLM_GGUF=small"):
        await run_suite("tools_local", Settings())


@pytest.mark.parametrize(
    ("case", "play", "right", "valid", "named"),
    [
        (APPLE, calls("read_quotes", {"instruments": ["XNAS:AAPL"]}), True, True, 1.0),
        (APPLE, calls("read_quotes", {"instruments": ["XNAS:MSFT"]}), True, True, 0.0),
        (APPLE, calls("read_quotes", {"instruments": ["XNAS:NOPE"]}), False, False, None),
        (APPLE, calls("measure_instruments", {"instruments": ["XNAS:AAPL"]}), False, True, None),
        (APPLE, calls("place_order", {}), False, False, None),
        (APPLE, lambda _: [Part("No.")], False, True, None),
        (NOTHING, lambda _: [Part("No.")], True, True, None),
        (NOTHING, calls("read_quotes", {"instruments": ["XNAS:AAPL"]}), False, True, None),
    ],
)
async def test_a_case_is_right_when_the_call_is_valid_and_of_the_right_tool(desk, case, play, right, valid, named):
    model = Scripted("local", play)
    done = await judge(model, case, offered(desk.feed.instruments))
    metrics = measure([done])
    assert (done.right, metrics["valid"], metrics["instruments_right"]) == (right, float(valid), named)
    assert metrics["refused"] == (None if case.target["tool"] else float(right))


def test_a_share_of_nothing_is_none():
    metrics = measure([Judged(NOTHING, None, "late", 5.0)])
    assert (metrics["covered_accuracy"], metrics["refused"], metrics["accuracy"]) == (None, 0.0, 0.0)


def test_the_forty_cases_are_none_of_what_the_model_is_shown():
    cases, dev = load_cases(FILE), load_cases(FILE.with_name("tools_local_dev.jsonl"))
    assert len(cases) == 40
    assert sum(case.target["tool"] is None for case in cases) == 9
    shown = {example.asked.casefold() for examples in load_examples().values() for example in examples}
    asked = {case.input.casefold() for case in cases}
    assert not asked & shown
    assert not asked & {case.input.casefold() for case in dev}


def test_every_example_is_one_of_the_desk(desk):
    tools = offered(desk.feed.instruments)
    assert {tool.name: len(tool.examples) for tool in tools} == {name: 8 for name in load_examples()}
    quotes = tools[0]
    assert quotes.examples[0].arguments == {"instruments": ["XNYS:WMT"]}
