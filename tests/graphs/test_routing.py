import pytest

from agents.registry import build_agents
from agents.request import read_request
from desk.market.history import History
from graphs.routing import choose_agents, find_certain, load_rules

INSTRUMENTS = History().instruments


def agents(words):
    return list(choose_agents(read_request(words, INSTRUMENTS)).agents)


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        ("Buy 50 AAPL", ["execution"]),
        ("rebalance to minimum variance", ["portfolio"]),
        ("How is my portfolio doing?", ["portfolio"]),
        ("Can I retire at 60 with 2,000 a month?", ["robo_advisor"]),
        ("What were Apple's net sales in 2023 and 2024, and how did iPhone do?", ["customer_query"]),
        ("Any suspicious transfers this week?", ["fraud"]),
        ("Which forecaster is best on AAPL?", ["ab_testing"]),
        ("What is Microsoft trading at?", ["market_data"]),
        ("How volatile is Exxon?", ["risk"]),
        ("What is the mood about Apple?", ["sentiment"]),
        ("When is the 10-K filing deadline?", ["compliance"]),
        ("Should I buy AAPL?", ["market_data", "sentiment", "risk", "portfolio", "compliance", "execution"]),
        ("What is the sentiment on Apple and how risky is it?", ["sentiment", "risk"]),
    ],
)
def test_each_kind_of_question_reaches_its_agents(words, chosen):
    assert agents(words) == chosen


def test_the_table_names_only_agents_that_exist_and_reaches_all_ten():
    named = {agent for rule in load_rules().rules for agent in rule.agents}
    assert named == set(build_agents())


def test_the_same_words_go_the_same_way():
    assert agents("Hello there") == agents("Hello there") == ["customer_query"]


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        ("What is Exxon at?", "market_data"),
        ("where is the S&P 500?", "market_data"),
        ("what does P&G cost then?", "market_data"),
        ("TSLA", "market_data"),
        ("price and news on Eli Lilly", "market_data"),
        ("should I rebalance", "portfolio"),
    ],
)
def test_a_bare_price_and_the_own_mix_need_no_guess(words, chosen):
    found = find_certain(read_request(words, INSTRUMENTS))
    assert found is not None
    assert found.agents[0] == chosen


def test_a_price_is_read_on_few_words_only_so_that_no_text_can_hold_it_up():
    for padding in ("!" * 50_000, ". " * 25_000, "and " * 20_000, " " * 50_000):
        found = find_certain(read_request(f"where is Apple {padding}x", INSTRUMENTS))
        assert found is None or found.by != "price"


@pytest.mark.parametrize(
    ("question", "agents"),
    [
        ("Could we buy Exxon today?", ("compliance",)),
        ("What would a 10% fall in Apple cost?", ("risk",)),
        ("Are there orders waiting for approval?", ("execution",)),
        ("Microsoft: price, news and risk", ("market_data", "sentiment", "risk")),
        ("price and news of Microsoft", ("market_data", "sentiment")),
    ],
)
def test_lists_of_topics_and_what_may_be_traded_are_certain(question, agents):
    found = find_certain(read_request(question, History().instruments))
    assert found is not None
    assert found.agents == agents


def test_a_time_is_nothing_that_is_held():
    assert find_certain(read_request("How many days do we have?", History().instruments)) is None


@pytest.mark.parametrize(
    ("question", "agents", "by"),
    [
        ("What's the beta like on Home Depot", ("risk",), "measure"),
        ("es at 95 for Apple", ("risk",), "measure"),
        ("What is the ES at 95% for Apple?", ("risk",), "measure"),
        ("Which fell harder, Litecoin or Solana?", ("market_data",), "moved"),
        ("How did Coke do this year?", ("market_data",), "moved"),
        ("show oil", ("market_data",), "price"),
        ("How much did Apple earn last year?", ("customer_query",), "filing"),
        ("Please tell me the position in Exxon", ("portfolio",), "held"),
        ("What does customer-1 hold?", ("portfolio",), "held"),
        ("What do we hold of it now?", ("portfolio",), "held"),
        ("What's on the restricted list?", ("compliance",), "law"),
    ],
)
def test_measures_moves_earnings_and_holdings_need_no_guess(question, agents, by):
    found = find_certain(read_request(question, History().instruments))
    assert found is not None
    assert (found.agents, found.by) == (agents, by)


@pytest.mark.parametrize("question", ["Do we have any alerts like that?", "What does beta mean for Apple?"])
def test_what_only_sounds_so_is_guessed(question):
    assert find_certain(read_request(question, History().instruments)) is None
