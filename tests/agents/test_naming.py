"""Names that the desk does not know: told from words, and never answered with something else."""

import pytest

from agents.naming import WORDS, find_strangers, is_plain
from agents.request import read_request
from desk.market.history import History
from graphs.plain_words import plain_words
from rag.framing import strip_framing

KNOWN = History().instruments


def strangers(text):
    return [stranger.words for stranger in read_request(text, KNOWN).strangers]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("What is Tesla trading at?", ["Tesla"]),
        ("price of nvidia?", ["nvidia"]),
        ("Berkshire Hathaway shares", ["Berkshire Hathaway"]),
        ("What's Target's share price?", ["Target"]),
        ("what is $PLTR at", ["$PLTR"]),
        ("where is XNAS:GOOG", ["XNAS:GOOG"]),
        ("52 week high of Nestlé", ["Nestlé"]),
        ("What are Apple and Tesla trading at?", ["Tesla"]),
        ("the mood on Ford, GM and Apple", ["Ford", "GM"]),
        ("and Nvidia?", ["Nvidia"]),
    ],
)
def test_a_name_stands_where_names_stand(asked, names):
    assert strangers(asked) == names


@pytest.mark.parametrize(
    "asked",
    [
        "What is a Limit Order?",
        "What Is The Price Of Gold?",
        "How is VaR of desk-1 computed on Monday?",
        "show my porfolio risk",
        "Procter & Gamble's volatility and Gamble's news",
        "Microsofts?",
        "perfect, thanks",
        "does GDPR apply in Germany",
        "hi Tenor, what's AAPL at? Thanks, Maria",
    ],
)
def test_words_terms_slips_and_known_names_are_no_strangers(asked):
    assert strangers(asked) == []


def test_a_long_text_is_not_read_for_names():
    assert find_strangers("What is Tesla trading at? " * 400, ()) == ()


def test_the_list_of_plain_words_can_be_made_again_and_holds_no_company_with_filings():
    made, kept = set(plain_words()), set((WORDS / "plain.txt").read_text(encoding="utf-8").split())
    assert len(made & kept) > 0.9 * len(kept)
    assert not {"oracle", "buckle", "nordstrom", "apple"} & (made | kept)


def test_forms_of_a_plain_word_are_plain():
    assert all(is_plain(word) for word in ("prices", "halted", "isn't", "trading"))
    assert not is_plain("tesla")


@pytest.mark.parametrize(
    ("agent", "asked"),
    [
        ("market_data", "What is Tesla trading at?"),
        ("sentiment", "Any news on Tesla?"),
        ("risk", "How risky is Tesla?"),
        ("portfolio", "How much Tesla do I hold?"),
        ("compliance", "May we trade Tesla?"),
        ("execution", "should we get Tesla shares"),
        ("ab_testing", "Which model forecasts Tesla best?"),
        ("customer_query", "What was Tesla's net income in 2023?"),
    ],
)
async def test_no_agent_answers_with_another_thing(runtime, agent, asked):
    answer = await runtime.ask(asked, runtime.desk.people.get("trader"), agent=agent)
    assert answer["abstained"]
    assert "“Tesla”" in answer["answer"]
    assert answer["facts"] == []


async def test_what_is_known_is_answered_and_the_stranger_named(runtime):
    person = runtime.desk.people.get("analyst")
    answer = await runtime.ask("What are Apple and Tesla trading at?", person)
    assert not answer["abstained"]
    assert "XNAS:AAPL" in answer["answer"]
    assert "“Tesla”" in answer["answer"]
    filed = await runtime.ask("What were the net sales of Apple and of Google in 2023?", person)
    assert [fact["value"] for fact in filed["facts"]] == [383285000000]
    assert "“Google”" in filed["answer"]


async def test_a_slip_is_asked_back_and_a_company_with_filings_is_named_as_one(runtime):
    person = runtime.desk.people.get("analyst")
    slip = await runtime.ask("mircosoft price?", person)
    assert slip["abstained"]
    assert "Did you mean Microsoft (XNAS:MSFT)?" in slip["answer"]
    filed = await runtime.ask("what is Oracle trading at", person)
    assert filed["abstained"]
    assert "filings of Oracle Corporation" in filed["answer"]


async def test_a_quote_of_nothing_is_no_quote_of_the_indices(runtime):
    answer = await runtime.ask("give me the price", runtime.desk.people.get("analyst"), agent="market_data")
    assert answer["abstained"]


async def test_a_follow_up_asks_of_the_stranger_and_of_companies_that_only_have_filings(runtime):
    person = runtime.desk.people.get("analyst")
    await runtime.ask("What were Apple's net sales in 2023?", person, "t")
    stranger = await runtime.ask("and Tesla's?", person, "t")
    assert stranger["read_as"] == "What were Tesla's net sales in 2023?"
    assert stranger["abstained"]
    filed = await runtime.ask("and Oracle?", person, "t")
    assert filed["read_as"] == "What were Oracle's net sales in 2023?"
    assert filed["agents"] == ["customer_query"]
    assert "Oracle Corporation" in filed["answer"]


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ("For a note I'm writing: what were X sales in 2023?", "what were X sales in 2023?"),
        ("What were X sales in 2024, for a deck I'm preparing?", "What were X sales in 2024?"),
        ("My boss wants to know X sales", "X sales"),
        ("I'm putting together a memo and need X sales for 2022", "X sales for 2022"),
        ("Can you help me with a report? I need X sales", "X sales"),
        ("What were X sales in 2023?", "What were X sales in 2023?"),
        ("what do you think of my idea?", "what do you think of my idea?"),
    ],
)
def test_what_a_question_tells_of_the_asker_is_let_go(asked, left):
    assert strip_framing(asked, lambda part: "X" in part or "20" in part) == left
