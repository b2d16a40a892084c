"""Follow-ups: what a short question takes from those before it, and what it must leave alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.request import read_request
from desk.filings.bundled import BundledFilings
from desk.market.history import History
from graphs.following.completing import complete, complete_all, remembered
from rag.lines import ProductLines
from rag.parse import parse_filing
from rag.query import Companies

KNOWN = History().instruments
FILED = Companies(BundledFilings().filings())
SALES = "What were Apple's net sales in fiscal 2023?"


def last(*talk):
    return complete_all(talk, KNOWN, FILED)[-1]


@pytest.mark.parametrize(
    ("asked", "understood"),
    [
        ("and the year before?", "What were Apple's net sales in fiscal 2022?"),
        ("and two years earlier?", "What were Apple's net sales in fiscal 2021?"),
        ("the following year?", "What were Apple's net sales in fiscal 2024?"),
        ("what about 2019?", "What were Apple's net sales in fiscal 2019?"),
        ("and Microsoft?", "What were Microsoft's net sales in fiscal 2023?"),
        ("the same for Exxon", "What were Exxon's net sales in fiscal 2023?"),
        ("and operating income?", "operating income of Apple in fiscal 2023?"),
        ("what was its net income?", "what was Apple's net income in fiscal 2023?"),
        ("how risky is it?", "how risky is Apple?"),
        ("any news?", "any news of Apple?"),
        ("what is it trading at?", "what is Apple trading at?"),
        ("is it OK for us to trade it?", "is it OK for us to trade Apple?"),
        ("volatility", "volatility of Apple?"),
        ("good news or bad news lately?", "good news or bad news lately of Apple?"),
        ("and for 21?", "What were Apple's net sales in fiscal 2021?"),
        ("not 23, 22", "What were Apple's net sales in fiscal 2022?"),
        ("compare that with 2022", "What were Apple's net sales in fiscal 2023 and 2022?"),
        ("no, I meant the operating income", "operating income of Apple in fiscal 2023?"),
        ("net income, same year", "net income of Apple in fiscal 2023?"),
        ("no sorry, I meant Procter & Gamble", "What were Procter & Gamble's net sales in fiscal 2023?"),
        ("in 2022 and in 2021", "What were Apple's net sales in fiscal 2022 and 2021?"),
    ],
)
def test_a_question_takes_company_and_period_from_the_one_before(asked, understood):
    assert last(SALES, asked) == understood


@pytest.mark.parametrize(
    ("talk", "understood"),
    [
        (("buy 80 Merck", "sorry, Pfizer not Merck"), "buy 80 XNYS:PFE"),
        (("buy 80 Merck", "no, sell"), "sell 80 XNYS:MRK"),
        (("buy 80 Merck", "no, just sell the Pfizer"), "sell 80 XNYS:PFE"),
        (("buy 80 Merck", "price limit 101"), "buy 80 XNYS:MRK at 101"),
        (("sell all my Coke", "on second thought just ten"), "sell 10 XNYS:KO"),
        (("how is Exxon", "unload 40 of em"), "sell 40 XNYS:XOM"),
        (("how is Exxon", "Kindly get rid of a quarter thereof."), "sell quarter of XNYS:XOM"),
        (("trim Pepsi by 15", "same for Coke"), "sell 15 XNYS:KO"),
        (("bitcoin and ether prices", "cardano?"), "cardano prices?"),
        (("compare Apple and Microsoft", "and Exxon?"), "compare Apple and Exxon?"),
        (("compare Pepsi and Coke volatility", "and returns"), "returns of Pepsi and Coke?"),
        (("backtest momentum on Coke", "who won", "and on Pepsi"), "backtest momentum on Pepsi?"),
        (("how is Merck", "whats the px"), "the price of Merck?"),
        (("how is Merck", "how much is one share?"), "the price of Merck?"),
        (("how is Merck", "latest headlines"), "latest headlines of Merck?"),
        (("how is Merck", "no sorry Best Buy"), "how is Best Buy?"),
        (("how is Merck", "less volatile than Pfizer?"), "is Merck less volatile than Pfizer?"),
        (("buy 6 Merck", "at most 99 each"), "buy 6 XNYS:MRK at 99"),
        (("how is Merck", "put me down for 45"), "buy 45 XNYS:MRK"),
        (("how is Merck", "please buy 2 for me"), "buy 2 XNYS:MRK"),
        (("how is Merck", "what does beta mean", "same for Pfizer"), "how is Pfizer?"),
        (("how is Merck", "our largest holding?", "sell 10% of it"), "sell 10% of it"),
        ((SALES, "and the year before", "and the one before that"), "What were Apple's net sales in fiscal 2021?"),
        (("how is Merck", "one year return?"), "one year return of Merck?"),
        (("Merck price", "Pfizer price", "which rose more"), "which rose more, Merck or Pfizer?"),
    ],
)
def test_corrections_lists_and_shorthand(talk, understood):
    assert last(*talk) == understood


def test_two_that_were_named_and_one_by_its_place():
    talk = ("How volatile is Exxon?", "and Chevron?")
    assert last(*talk, "is there news on both of them?") == "is there news on Exxon and Chevron?"
    assert last(*talk, "which of them is riskier?") == "which of Exxon and Chevron is riskier?"
    assert last(*talk, "what is the first one trading at?") == "what is Exxon trading at?"
    assert last("How volatile is Exxon?", "is there news on both of them?").endswith("Exxon?")


def test_more_of_the_question_before():
    assert last("Any suspicious transfers this week?", "the largest one?").endswith("this week, the largest one?")
    assert last("What must we report under GDPR?", "and in the EU?").endswith("GDPR, in the EU?")
    assert last("When is its 10-K due?", "and the 10-Q?") == "When is its 10-Q due?"


def test_a_year_beside_another_is_put_in_figures_even_at_first():
    assert (
        last("Apple's net income in fiscal 2023 and in the year before")
        == "Apple's net income in fiscal 2023 and in 2022"
    )


def test_a_quarter_steps_over_the_end_of_a_year():
    talk = ("How did Apple's revenue do in Q1 2024?", "and the quarter before?", "and the quarter before?")
    assert [text.split(" in ")[1] for text in complete_all(talk, KNOWN, FILED)] == ["Q1 2024?", "Q4 2023?", "Q3 2023?"]


@pytest.mark.parametrize(
    ("asked", "understood"),
    [
        ("make it 50", "buy 50 XNAS:AAPL"),
        ("only 5", "buy 5 XNAS:AAPL"),
        ("double it", "buy 20 XNAS:AAPL"),
        ("at 150", "buy 10 XNAS:AAPL at 150"),
        ("and 30 Microsoft", "buy 30 XNAS:MSFT"),
        ("the same for Microsoft", "buy 10 XNAS:MSFT"),
        ("buy 20 more", "buy 20 XNAS:AAPL"),
        ("sell half of it", "sell half of XNAS:AAPL"),
        ("sell them all", "sell all of XNAS:AAPL"),
        ("close the position", "sell all of XNAS:AAPL"),
        ("never mind, 40 AMD", "buy 40 XNAS:AMD"),
        ("Coca-Cola then, 2", "buy 2 XNYS:KO"),
        ("sorry, 70", "buy 70 XNAS:AAPL"),
        ("hmm 55 rather", "buy 55 XNAS:AAPL"),
        ("haha just testing. make it 7", "buy 7 XNAS:AAPL"),
        ("put in a buy for 200 of it", "buy 200 XNAS:AAPL"),
        ("get me 5 then", "buy 5 XNAS:AAPL"),
        ("sell 25% of my position in it at 300", "sell 25% of XNAS:AAPL at 300"),
    ],
)
def test_an_order_is_changed_or_followed_in_a_few_words(asked, understood):
    assert last("Buy 10 AAPL", asked) == understood
    assert read_request(understood, KNOWN).order is not None


@pytest.mark.parametrize(
    "asked",
    [
        "how is my portfolio doing?",
        "what does it mean?",
        "is it safe to invest?",
        "and my holdings?",
        "any suspicious transfers?",
        "thanks",
        "what about Microsoft?",
        "make it quick",
        "How volatile is Exxon?",
    ],
)
def test_what_stands_alone_stays_and_no_order_comes_of_it(asked):
    assert last("Buy 10 AAPL", asked) == asked
    assert complete(asked, (), KNOWN, FILED) == asked


def test_a_part_of_what_is_held_is_changed_to_another():
    assert last("sell half of my Apple", "no wait, a quarter") == "sell a quarter of XNAS:AAPL"
    assert last("Buy 10 AAPL", "no wait, a quarter") == "no wait, a quarter"


def test_what_was_pasted_of_others_is_nothing_to_follow():
    pasted = "What do you make of this?\n```\nBuy 500 Microsoft now\n```"
    assert last(pasted, "make it 50") == "make it 50"
    assert last("How risky is Apple?", pasted, "sell half of it") == "sell half of XNAS:AAPL"
    quoted = "```\nBuy 500 Microsoft now\n```"
    assert last(SALES, f"and the year before?\n{quoted}") == f"What were Apple's net sales in fiscal 2022?\n\n{quoted}"


def test_what_is_said_of_a_goal_comes_first():
    talk = ("I'm 41, can I retire at 60 with 2,000 a month?", "and at 67?", "what if I save 300 a month?")
    second, third = complete_all(talk, KNOWN, FILED)[1:]
    assert second == "I'm 41, can I retire at 67 with 2,000 a month?"
    assert third.startswith("what if I save 300 a month?")
    assert third.count("I'm 41") == 1


def test_the_year_of_an_answer_is_remembered_when_it_is_one():
    facts = [{"as_of": "FY2024 (12 months ended 2024-09-28)"}, {"as_of": "2022-12-28T15:00:00Z"}]
    assert remembered("Apple's net sales?", {"facts": facts}) == "Apple's net sales in fiscal 2024"
    assert remembered("Apple's net sales?", {"facts": [*facts, {"as_of": "FY2023"}]}) == "Apple's net sales?"
    assert remembered(SALES, {"facts": facts}) == SALES


words = st.sampled_from(
    [
        "and",
        "the",
        "year",
        "before",
        "it",
        "sell",
        "half",
        "of",
        "buy",
        "10",
        "AAPL",
        "Microsoft",
        "make",
        "50",
        "at",
        "what",
        "about",
        "2022",
        "?",
    ]
)


@settings(max_examples=300)
@given(st.lists(st.lists(words, max_size=8).map(" ".join), max_size=5))
def test_completing_never_fails_and_is_done_once(talk):
    done = complete_all(talk, KNOWN, FILED)
    assert len(done) == len(talk)
    assert done == complete_all(talk, KNOWN, FILED)


async def test_a_conversation_is_answered_as_understood(runtime):
    analyst = runtime.desk.people.get("analyst")
    first = await runtime.ask("What were Apple's net sales?", analyst, "talk")
    second = await runtime.ask("and the year before?", analyst, "talk")
    assert first["read_as"] is None
    assert second["read_as"] == "What were Apple's net sales in fiscal 2023?"
    assert [fact["value"] for fact in second["facts"]] == [383285000000]


async def test_half_of_it_is_half_of_what_is_held(runtime):
    trader = runtime.desk.people.get("trader")
    held = next(
        p.quantity for p in runtime.desk.trading.positions() if (p.account, p.instrument) == ("desk-1", "XNAS:AAPL")
    )
    await runtime.ask("What is Apple trading at?", trader, "half")
    answer = await runtime.ask("sell half of it", trader, "half")
    (order,) = answer["approval"]["orders"]
    assert (order["side"], order["quantity"], order["instrument"]) == ("sell", str(int(held) // 2), "XNAS:AAPL")
    assert runtime.desk.approvals.get(answer["approval"]["id"]).evidence["provenance"]["taints"] == []
    none = await runtime.ask("sell half of my Bitcoin", trader, "none")
    assert none["refusal"]["rule"] == "valid_order"
    assert "holds no" in none["refusal"]["message"]


@pytest.mark.parametrize(
    ("before", "asked", "understood"),
    [
        (("Should I buy Microsoft?",), "Ok, get me another 75.", "buy 75 XNAS:MSFT"),
        (("buy 75 MSFT",), "no wait, 57, typo", "buy 57 XNAS:MSFT"),
        (("Buy 50 AAPL",), "Actually sell, not buy. Same size.", "sell 50 XNAS:AAPL"),
        (("any news on Best Buy?",), "Then 40 of those, buying.", "buy 40 XNYS:BBY"),
        (("what's on my book?",), "Too much JPMorgan. Sell half of it.", "sell half of XNYS:JPM"),
        (("Should I buy Pfizer?", "and Merck?"), "I'll go for the first. 12 shares.", "buy 12 XNYS:PFE"),
        (("Buy 100 shares of Zorblat Industries",), "Then take Home Depot, same quantity.", "buy 100 XNYS:HD"),
        (("buy 30 pepsi",), "actually 20 is enough", "buy 20 XNAS:PEP"),
        (("hello",), "I'd like 20 Coca-Cola shares, please buy them.", "buy 20 XNYS:KO"),
    ],
)
def test_an_order_may_be_said_in_any_words(before, asked, understood):
    assert last(*before, asked) == understood


@pytest.mark.parametrize(
    ("before", "asked"),
    [
        (("sell 10 MSFT",), "that's all, thanks"),
        (("sell 10 MSFT",), "all good, thanks"),
        (("Should I buy Microsoft?",), "not now"),
        (("Should I buy Microsoft?",), "20 what?"),
        (("how risky is Apple?",), "get me the news"),
        (("buy 10 MSFT",), "Sell it if it falls to 200"),
        (("buy 10 MSFT",), "buy -5 Coke"),
    ],
)
def test_what_only_sounds_like_an_order_is_none(before, asked):
    assert last(*before, asked) in {asked, asked.replace("it", "MSFT"), "the news of Microsoft?"} or not last(
        *before, asked
    ).startswith(("buy", "sell"))


@pytest.mark.parametrize(
    ("before", "asked", "understood"),
    [
        ((SALES, "2022?"), "operating income for that same year, please", "operating income of Apple in fiscal 2022?"),
        (("Apple net sales FY2024?", "2023", "and 22"), "net income for the same three years",
         "net income of Apple in fiscal 2022, 2023 and 2024?"),
        ((SALES,), "No, I want the net income of that year, not the sales.", "net income of Apple in fiscal 2023?"),
        (("revenue of Coca-Cola in its last report?",), "What did Apple report then, for 2024?",
         "revenue of Apple in fiscal 2024?"),
        (("net income of Apple 2022, 2023 and 2024",), "which year was the weakest by that measure?",
         "net income of Apple in fiscal 2022, 2023 and 2024, which year was the weakest?"),
        (("if the market drops 20% how much do i lose",), "30?", "if the market drops 30% how much do i lose?"),
        (("what was the highest price of J&J this year",), "lowest?", "what was the lowest price of J&J this year?"),
        (("what is on the restricted list?",), "Is Exxon on it?", "Is Exxon on the restricted list?"),
        (("compare the models on Apple",), "Leave the models for a minute. What's the Microsoft quote?",
         "What's the Microsoft quote?"),
    ],
)  # fmt: skip
def test_a_question_takes_figure_years_numbers_and_lists(before, asked, understood):
    assert last(*before, asked) == understood


@pytest.mark.parametrize("asked", ["9" * 400 + "?", "what about " + "9" * 400, "1,,,?", "0?", "0,0?"])
def test_a_number_of_any_size_fails_nothing(asked):
    assert isinstance(last("if the market drops 20% how much do i lose", asked), str)


def test_a_long_question_says_itself_what_it_is_about():
    for long in ("where is Apple " + "!" * 400 + "x", "and 2022" + " " * 5_000 + "?", "sell half of it" + "." * 400):
        assert last(SALES, long) == long


@pytest.fixture(scope="module")
def lines():
    source = BundledFilings()
    filing = next(filing for filing in source.filings() if filing.id == "apple-10-k-2024")
    return ProductLines([parse_filing(filing, source.fetch(filing.id))])


@pytest.mark.parametrize(
    ("before", "asked", "read"),
    [
        ("What were Apple's net sales in 2024?", "services?", "Apple's Services net sales in fiscal 2024?"),
        ("What did iPhone bring in in 2024?", "and iPad in 2022?", "Apple's iPad net sales in fiscal 2022?"),
        ("What were Apple's net sales in 2024?", "services of Microsoft?", None),
        ("What does Apple trade at?", "services?", None),
        ("What were Apple's net sales in 2024?", "what services do you offer?", None),
    ],
)
def test_a_product_line_follows_its_companys_report(lines, before, asked, read):
    assert complete(asked, [before], KNOWN, FILED, lines) == (read or complete(asked, [before], KNOWN, FILED))


def test_the_whole_of_net_sales_is_no_line_of_it(lines):
    assert not lines.knows("Net sales")
    asked = complete("and net sales", ["operating income of Apple in fiscal 2023?"], KNOWN, FILED, lines)
    assert asked == "net sales of Apple in fiscal 2023?"


@pytest.mark.parametrize(
    ("before", "asked", "read"),
    [
        ("buy 100 Apple", "make that 80 with a limit of 120", "buy 80 XNAS:AAPL at 120"),
        ("buy 100 Apple", "on second thought 60", "buy 60 XNAS:AAPL"),
        ("buy some", "500 of Exxon I mean", "buy 500 XNYS:XOM"),
        (
            "what is the risk of Exxon and Chevron?",
            "which has the bigger VaR",
            "which has the bigger VaR, Exxon or Chevron?",
        ),
        ("what is the volatility of Apple?", "for Exxon alone", "what is the volatility of Exxon?"),
        ("how risky is gold", "qoute for Apple", "quote for Apple"),
    ],
)
def test_changes_comparisons_and_slips(before, asked, read):
    assert complete(asked, [before], KNOWN, FILED) == read


def test_pleasantries_are_not_remembered_and_a_short_fiscal_year_is_put_in_full():
    assert remembered("Fair enough. What's EUR/USD?", {}) == "What's EUR/USD?"
    assert remembered("Thanks.", {}) == "Thanks."
    assert complete("Apple operating income FY23", [], KNOWN, FILED) == "Apple operating income FY2023"
