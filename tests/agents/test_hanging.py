from __future__ import annotations

import pytest

from agents.hanging import hung_on
from agents.naming import mend_slips
from agents.request import read_request
from desk.market.history import History

INSTRUMENTS = History().instruments


def after(question: str, *history: str) -> str | None:
    found = hung_on(read_request(question, INSTRUMENTS), history, INSTRUMENTS)
    return found.question if found else None


@pytest.mark.parametrize("question", ["why was it flagged?", "Who sent them?", "how many of those are closed", "why?"])
def test_a_question_that_points_back_hangs_on_the_last_that_stands_alone(question: str) -> None:
    assert after(question, "any open fraud alerts?") == "any open fraud alerts?"
    assert after(question, "any open fraud alerts?", "which one is the worst") == "any open fraud alerts?"
    assert after(question) is None
    assert after(question, "and those?") is None


@pytest.mark.parametrize(
    "question",
    [
        "any transfers that look like fraud?",
        "is it possible to open a second account",
        "how volatile is Apple, is it worse",
        "what does the desk charge for a trade",
        "sell it all and tell me afterwards what it came to, please, in dollars",
    ],
)
def test_what_names_or_says_enough_stands_alone(question: str) -> None:
    assert after(question, "any open fraud alerts?") is None


@pytest.mark.parametrize("question", ["by when?", "within how many days", "who won", "is the difference significant?"])
def test_a_question_without_a_subject_hangs(question: str) -> None:
    assert after(question, "compare the forecasters on Coke") == "compare the forecasters on Coke"


def test_a_noun_alone_hangs_unless_words_were_being_explained() -> None:
    assert after("what about the drawdown", "how risky is the account") == "how risky is the account"
    assert after("what about a stop order", "what is a limit order") is None


def test_a_slip_in_a_plain_word_is_mended_and_a_name_stays() -> None:
    assert mend_slips("qoute for Appel and sentimnet pls", ()) == "quote for Appel and sentiment pls"
    assert mend_slips("qoute for it", [(0, 5)]) == "qoute for it"
    assert mend_slips("zillow and Nvidia, $qoute, qoute/eur", ()) == "zillow and Nvidia, $qoute, qoute/eur"
