"""A model that invents: numbers in words, units, tickers, firms, quotes, dates. None of it reaches the person."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.inventions import Known, find_inventions
from desk.drivers import build_models
from desk.facts import Fact
from desk.market.history import History
from desk.settings import Settings
from tests.llm.openai_server import OpenAiServer

SLOT = "{{f:msft_last}}"
FACT = Fact(
    "msft_last", "last price of Microsoft", Decimal("238.19"), "USD", "2022-12-28", "replay", "XNAS:MSFT", "USD"
)
PLAN = f"**Microsoft** last traded at {SLOT}, over {{{{f:msft_n}}}} days."
KNOWN = Known.of((PLAN, "What is Microsoft trading at?"), [FACT], History().instruments)

INVENTED = [
    f"Microsoft is at {SLOT}, up five percent.",
    f"Microsoft is at {SLOT}, having doubled.",
    f"Microsoft is at {SLOT}, about half of its high.",
    f"Microsoft is at {SLOT} after two splits.",
    f"Microsoft is at {SLOT}, twenty-one below the top.",
    f"Microsoft is at {SLOT} million.",
    f"Microsoft is at {SLOT} %.",
    f"Microsoft is at {SLOT} euros.",
    f"Microsoft is at ${SLOT}.",
    f"Microsoft is at \u20ac {SLOT}.",
    f"Microsoft lost \u2212{SLOT}.",
    f"Microsoft lost minus {SLOT}.",
    f"Microsoft is at {SLOT} k.",
    f"Microsoft is at {SLOT}bn.",
    f"Microsoft is above > {SLOT}.",
    f"Microsoft is at {SLOT}, cheaper than TSLA.",
    f"Microsoft is at {SLOT}, cheaper than Tesla.",
    f"Microsoft is at {SLOT}; better buy ZQXW.",
    f"Microsoft is at {SLOT}; better buy $DOGE.",
    f"Microsoft is at {SLOT}; Globex Holdings Inc. likes it.",
    f'Microsoft is at {SLOT}. "We will grow without end", it says.',
    f"Microsoft is at {SLOT}. Its chief said \u201cbuy it all today\u201d.",
    f"Microsoft is at {SLOT} since 2019.",
    f"Microsoft is at {SLOT} as of 2021-03-04.",
    f"Microsoft is at {SLOT}, highest since March.",
    f"Microsoft is at {SLOT}, best in Q3.",
    f"Microsoft is at {SLOT}\u00b2.",
    f"Microsoft is at {SLOT} or \uff15\uff10.",
    f"Microsoft is at {SLOT}, \u00bd of it gone.",
    f"Microsoft is at {SLOT}, one in ten fails.",
    f"Microsoft is at {SLOT}, a third of the market.",
    f"Microsoft is at {SLOT}, one quarter down.",
    f"Microsoft is at {SLOT}, tripling soon.",
    f"Microsoft is at {SLOT} basis points.",
    f"Microsoft is at {SLOT} x.",
    f"Microsoft is at {SLOT} shares.",
    f"Microsoft is at USD {SLOT}.",
    f"Microsoft is at {SLOT}, like Exxon Mobil.",
    f"Microsoft is at {SLOT}, XNYS:GE is not.",
    f"Microsoft is at {SLOT}. Dozens agree.",
]
HARMLESS = [
    f"Microsoft last traded at {SLOT}.",
    f"MSFT stands at {SLOT}.",
    f"The last price of Microsoft is {SLOT}, as of 2022-12-28.",
    f"At {SLOT}, Microsoft is where the replay left it.",
    "Over {{f:msft_n}} days nothing much happened.",
    f"**Microsoft**: {SLOT}\n\nThis is a replayed price (XNAS:MSFT).",
    f"One price is known: {SLOT}.",
    f"I can tell you the price of Microsoft, {SLOT}, and nothing about its CEO or the ETF that holds it.",
    f"The price ({SLOT}) is simulated within the day.",
    f'Asked "What is Microsoft trading at?", I say {SLOT}.',
]


@pytest.mark.parametrize("text", INVENTED)
def test_an_invention_is_found(text):
    assert find_inventions(text, KNOWN)


@pytest.mark.parametrize("text", HARMLESS)
def test_words_around_facts_are_not_inventions(text):
    assert find_inventions(text, KNOWN) == []


def test_what_the_plan_says_may_be_said_again():
    assert find_inventions(PLAN, KNOWN) == []


@given(st.text(max_size=300))
def test_any_text_can_be_read(text):
    assert isinstance(find_inventions(text, KNOWN), list)


@pytest.mark.parametrize("invented", INVENTED[::3])
async def test_none_of_it_reaches_the_person(runtime, invented):
    server = OpenAiServer(lambda _: {"content": invented})
    settings = Settings(llm_base_url=server.url, llm_model="m", llm_prices="m=1/2")
    models = build_models(settings, runtime.desk.store, runtime.desk.wall)
    try:
        await models.ready()
        own = replace(runtime, models=models)
        answer = await own.ask("What is Microsoft trading at?", runtime.desk.people.get("trader"))
    finally:
        await models.drain()
        models.close()
        server.close()
    assert len(server.requests) == 1
    assert answer["model"] == "offline narrator"
    assert "the model's text was not used" in str(answer["fallback"])
    assert invented.partition(SLOT)[2] not in str(answer["answer"]) or invented.endswith(f"{SLOT}.")
