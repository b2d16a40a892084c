"""Deadlines, hedge, health, money, cache, repair, trimming: drivers in this process, no HTTP."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from desk.errors import InputError, ModelError, NotFound, SettingError
from desk.llm.cache import AnswerCache
from desk.llm.chat import Message, Part, Request, Usage
from desk.llm.context import estimate_tokens, fit
from desk.llm.health import REST_S, SAMPLES, HealthBook
from desk.llm.models import ModelSettings, choose_models, load_table
from desk.llm.spending import Spending, parse_budgets
from desk.llm.tasks import TASKS
from desk.settings import Settings, load_settings
from desk.store.engine import Store
from desk.store.model_tables import model_answers
from tests.llm.routing import QUOTES, Scripted, ask, plan, routed, says, spec_of

CHOICE = {"type": "object", "properties": {"mood": {"enum": ["good", "bad"]}}, "required": ["mood"]}


class Ticks:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_risk_never_asks_a_model(tmp_path):
    model = Scripted("m", says("no"))
    async with routed(tmp_path, model) as router:
        found = await router.complete(ask(task="risk"), plan)
    assert found.completion == plan()
    assert model.asked == []


async def test_an_unknown_task_and_an_unknown_model_are_named(tmp_path):
    async with routed(tmp_path, Scripted("m", says("hi"))) as router:
        with pytest.raises(InputError, match="tool_call"):
            await router.complete(ask(task="poem"))
        with pytest.raises(NotFound, match="there are: m"):
            await router.complete(ask(models=("other",)))


async def test_a_late_model_may_still_win_within_the_hedge_time(tmp_path):
    task = TASKS["tool_call"]
    slow = Scripted("slow", lambda _: [task.first_s + task.hedge_s / 4, Part("late but first")])
    never = Scripted("never", lambda _: [None])
    async with routed(tmp_path, slow, never, Scripted("third", says("third"))) as router:
        found = await router.complete(ask(task="tool_call"), plan)
    assert found.completion is not None
    assert found.completion.text == "late but first"
    assert [a.model for a in found.attempts] == ["slow", "never"]
    assert found.reason is None
    assert never.cancelled == 1


async def test_lateness_starts_one_hedge_at_most(tmp_path):
    models = [Scripted(name, lambda _: [None]) for name in "abc"]
    async with routed(tmp_path, *models, fallback_ms=30) as router:
        found = await router.complete(ask(), plan)
    assert found.completion == plan()
    assert found.reason == "a: no answer in 30 ms; b: no answer in 30 ms"
    assert models[2].asked == []
    assert [model.cancelled for model in models] == [1, 1, 0]


async def test_a_driver_with_a_bug_is_a_failed_attempt(tmp_path):
    async with routed(tmp_path, Scripted("m", lambda _: [ValueError("bug")])) as router:
        found = await router.complete(ask(), plan)
    assert found.completion == plan()
    assert found.reason == "m: failed: ValueError"


def test_the_third_failure_opens_the_circuit_and_a_probe_closes_it():
    clock = Ticks()
    book = HealthBook(clock)
    for _ in range(SAMPLES):
        assert book.passes_over("m", 1.0) is None
        book.failed("m", "server", "HTTP 500")
    assert "HTTP 500" in str(book.passes_over("m", 1.0))
    clock.now += REST_S
    assert book.passes_over("m", 1.0) is None
    assert "probe is out" in str(book.passes_over("m", 1.0))
    book.failed("m", "server", "HTTP 500")
    clock.now += REST_S
    assert book.passes_over("m", 1.0) is not None
    clock.now += REST_S
    assert book.passes_over("m", 1.0) is None
    book.succeeded("m", 0.1)
    assert book.read("m")[1] == "closed"


def test_a_slow_model_is_passed_over_and_probed_again():
    clock = Ticks()
    book = HealthBook(clock)
    for _ in range(SAMPLES):
        book.late("m", 2.0)
    assert book.passes_over("m", 1.5) is None  # the first call that finds it slow is a probe
    assert "slow" in str(book.passes_over("m", 1.5))
    assert book.passes_over("m", 3.0) is None
    clock.now += REST_S
    assert book.passes_over("m", 1.5) is None
    for _ in range(12):
        book.succeeded("m", 0.1)
    assert book.passes_over("m", 1.5) is None
    assert book.passes_over("m", 1.5) is None


async def test_fifty_calls_at_once_never_pass_the_budget_by_one(tmp_path):
    model = Scripted("m", lambda _: [0.001, Part("x"), Part(usage=Usage(100, 100))], price="1000")
    async with routed(tmp_path, model, day="5", user="100", budget="100") as router:
        seen = []

        async def one(n: int):
            found = await router.complete(ask(task="report", run=f"r{n}", person="p", max_tokens=100), plan)
            seen.append(max(router.money.used(k) for k in list(router.money._accounts) if k.startswith("day:")))
            return found

        found = await asyncio.gather(*(one(n) for n in range(50)))
    answered = sum(one.by_model for one in found)
    assert 0 < answered < 50
    assert max(seen) <= 5_000_000_000
    assert all("the budget per day is $5.00" in str(one.reason) for one in found if not one.by_model)


async def test_a_budget_of_zero_refuses_even_what_is_free(tmp_path):
    model = Scripted("m", says("hi"), price="0")
    async with routed(tmp_path, model, user="0") as router:
        found = await router.complete(ask(), plan)
    assert "TENOR_LLM_BUDGET_USER" in str(found.reason)
    assert model.asked == []


async def test_money_survives_a_restart_and_a_kill_counts_too_much(tmp_path):
    from desk.clock import WallClock

    store, wall, budgets = Store.in_folder(tmp_path), WallClock(), parse_budgets("1", "1", "1")
    first = Spending(store, wall, budgets)
    first.settle(await first.reserve(600_000_000, "r", "p"), 500_000_000)
    killed = Spending(store, wall, budgets)
    with pytest.raises(ModelError, match="per run"):
        await killed.reserve(450_000_000, "r", "p")  # the step taken ahead counts as spent
    first.close()
    ended = Spending(store, wall, budgets)
    await ended.reserve(500_000_000, "r", "p")
    with pytest.raises(ModelError):
        await ended.reserve(1, "r", "p")
    store.close()


async def test_a_reservation_given_up_leaves_the_budget_usable(tmp_path):
    from desk.clock import WallClock

    store = Store.in_folder(tmp_path)
    money = Spending(store, WallClock(), parse_budgets("1", "1", "1"))
    for n in range(20):
        task = asyncio.create_task(money.reserve(1000, f"r{n}", "p"))
        await asyncio.sleep(0.0002 * n)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        money.settle(await money.reserve(1000, f"r{n}", "p"), 1000)
    money.close()
    store.close()


async def test_an_answer_is_kept_for_the_same_person_and_version_only(tmp_path):
    from desk.clock import WallClock

    model, wall = Scripted("m", says("kept")), WallClock()
    store = Store.in_folder(tmp_path)
    async with routed(tmp_path, model, cache=AnswerCache(store, wall, "1")) as router:
        for person in ("p", "p", "q"):
            found = await router.complete(ask(person=person, cached=True), plan)
            assert found.completion is not None
            assert found.completion.text == "kept"
        await router.complete(ask(person="p"), plan)
        assert len(model.asked) == 3
        hits = [record for record in router.book.newest() if "from the cache" in record.attempts[0].notes]
        assert [hit.nanos for hit in hits] == [0]
    async with routed(tmp_path, model, cache=AnswerCache(store, wall, "2")) as router:
        await router.complete(ask(person="p", cached=True), plan)
        assert len(model.asked) == 4
        with store.begin() as connection:
            connection.execute(update(model_answers).values(answer="{not readable"))
            assert len(connection.execute(select(model_answers)).all()) == 3
        await router.complete(ask(person="p", cached=True), plan)
        assert len(model.asked) == 5
    store.close()


async def test_a_structured_answer_is_repaired_once(tmp_path):
    said = iter(["good mood", '```json\n{"mood": "good"}\n```'])
    model = Scripted("m", lambda _: [Part(next(said))])
    async with routed(tmp_path, model) as router:
        found = await router.complete(ask(schema=CHOICE), plan)
    assert found.completion is not None
    assert found.completion.data == {"mood": "good"}
    assert "keep this JSON schema" in model.asked[0].messages[0].content
    assert "the answer is not JSON" in model.asked[1].messages[-1].content


async def test_a_structured_answer_that_stays_wrong_is_refused_and_kept_raw(tmp_path):
    model = Scripted("m", lambda _: [Part(json.dumps({"mood": "so-so"}))])
    async with routed(tmp_path, model) as router:
        found = await router.complete(ask(schema=CHOICE), plan)
        (record,) = router.book.newest()
    assert found.completion == plan()
    assert "breaks its schema" in str(found.reason)
    assert record.model == ""
    assert record.attempts[0].raw.count("so-so") == 2
    assert len(model.asked) == 2


async def test_a_long_conversation_is_trimmed_and_says_so(tmp_path):
    model = Scripted("m", says("ok"), context=2048)
    old = tuple(Message("user" if n % 2 == 0 else "assistant", f"old {n} " + "word " * 100) for n in range(20))
    question = ask(max_tokens=256)
    messages = (question.messages[0], *old, question.messages[1])
    async with routed(tmp_path, model) as router:
        found = await router.complete(replace(question, messages=messages), plan)
    kept = model.asked[0].messages
    assert kept[0] == messages[0]
    assert kept[-1] == messages[-1]
    assert 2 < len(kept) < len(messages)
    assert found.attempts[0].notes == (
        f"left out {len(messages) - len(kept)} older messages: its context is 2048 tokens",
    )


async def test_a_last_turn_that_is_too_long_is_refused(tmp_path):
    async with routed(tmp_path, Scripted("m", says("ok"), context=2048)) as router:
        found = await router.complete(ask("word " * 5000, max_tokens=256), plan)
    assert "the last turn need about" in str(found.reason)


async def test_a_model_without_tools_is_passed_over_for_tools(tmp_path):
    plain, able = Scripted("plain", says("no"), tools=False), Scripted("able", says("yes"))
    async with routed(tmp_path, plain, able) as router:
        found = await router.complete(ask(tools=(QUOTES,)), plan)
    assert found.reason == "plain: plain cannot call tools"
    assert plain.asked == []


async def test_parts_are_shown_as_they_come(tmp_path):
    seen: list[str] = []
    model = Scripted("m", lambda _: [Part("one "), Part("two")])
    async with routed(tmp_path, model) as router:
        await router.complete(ask(), plan, watch=lambda name, part: seen.append(f"{name}:{part.text}"))
    assert seen == ["m:one ", "m:two"]


def test_every_known_model_has_a_price_a_context_and_an_address():
    for spec in load_table().values():
        assert spec.price_in > 0
        assert spec.price_out > 0
        assert spec.context >= 8192
        assert spec.address.startswith("https://")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"model": "mine", "base_url": "http://h/v1"}, "TENOR_LLM_PRICES=mine=IN/OUT"),
        ({"model": "mine", "prices": "mine=1/2"}, "has no address"),
        ({"model": "mine", "base_url": "http://h/v1", "prices": "mine=cheap"}, "is not IN/OUT"),
        ({"model": "gpt-4-turbo", "residency": "eu"}, "TENOR_LLM_RESIDENCY=eu"),
        ({"model": "gpt-4-turbo", "keys": "sk-secret"}, "TENOR_LLM_KEYS is a list"),
        ({"model": "m", "model_file": "/no/such/file"}, "name a readable file"),
    ],
)
def test_a_model_that_cannot_be_used_names_the_setting(given, why):
    with pytest.raises(SettingError, match=why) as found:
        choose_models(ModelSettings(**given))
    assert "sk-secret" not in found.value.message


def test_a_key_goes_to_its_own_address_only():
    given = ModelSettings(
        model="gpt-4-turbo", models="mixtral-8x22b,llama-3.3-70b", api_key="first", keys="fireworks_ai=other"
    )
    assert [key for _, key in choose_models(given)] == ["first", "other", ""]
    moved = ModelSettings(model="mine", base_url="http://h/v1", prices="mine=0/0", keys="openai=real")
    assert [key for _, key in choose_models(moved)] == [""]


@pytest.mark.parametrize("name", ["RUN", "USER", "DAY"])
def test_a_malformed_budget_is_named(name):
    given = {"run": "", "user": "", "day": "", name.lower(): "lots"}
    with pytest.raises(SettingError, match=f"TENOR_LLM_BUDGET_{name}"):
        parse_budgets(**given)


def test_keys_of_the_settings_are_secrets():
    assert load_settings({"TENOR_LLM_KEYS": "a=one, b=two"}).secrets() == {"one", "two"}
    assert Settings(llm_api_key="k").secrets() == {"k"}


@pytest.mark.parametrize("words", ["y", "y" * 31, "yes and no " * 20])
def test_no_more_turns_are_left_out_than_must_be(words):
    spec = spec_of("m", context=4096)
    messages = tuple(Message("user" if n % 2 else "assistant", words) for n in range(20_000))
    fitted, dropped = fit(Request((Message("system", "be brief"), *messages), max_tokens=100), spec)
    room = 4096 - 100
    assert len(fitted.messages) + dropped == 20_001
    assert fitted.messages[0].role == "system"
    assert estimate_tokens(fitted) <= room
    one_more = replace(fitted, messages=(*fitted.messages, messages[0]))
    assert estimate_tokens(one_more) >= room
