"""The driver over the real tiny model: it proves the plumbing, not the model's wit."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from contextlib import aclosing, suppress

import pytest

from desk.errors import ModelError
from desk.llm.chat import Message, Part, Request, ToolExample, ToolSchema
from desk.llm.draft import Draft
from desk.llm.local.building import build_local
from desk.llm.local.driver import MOST_WAITING, LocalChat
from desk.llm.local.process import LlamaProcess
from desk.llm.models import ModelSettings
from tests.llm.local.wheels import tiny_home
from tests.llm.routing import Scripted, ask, plan, routed, says

pytestmark = pytest.mark.service
MOOD = {
    "type": "object",
    "properties": {"mood": {"enum": ["good", "bad"]}},
    "required": ["mood"],
    "additionalProperties": False,
}
IDS = {"oneOf": [{"const": "XNAS:AAPL", "title": "Apple"}, {"const": "XNYS:KO", "title": "Coca-Cola"}]}
QUOTES = ToolSchema(
    "read_quotes",
    "Last price of instruments.",
    {
        "type": "object",
        "properties": {"instruments": {"type": "array", "items": IDS, "minItems": 1, "maxItems": 2}},
        "required": ["instruments"],
        "additionalProperties": False,
    },
    tuple(
        ToolExample(asked, {"instruments": [id]})
        for asked, id in [
            ("Price of Apple?", "XNAS:AAPL"),
            ("Quote Coca-Cola", "XNYS:KO"),
            ("Apple now?", "XNAS:AAPL"),
            ("Price of Coca-Cola?", "XNYS:KO"),
            ("Price of Coca-Cola now?", "XNYS:KO"),
            ("Last price of Coca-Cola?", "XNYS:KO"),
        ]
    ),
)
LONG = Request((Message("user", "Count to a thousand."),), schema={"type": "string", "minLength": 4000}, max_tokens=400)


@pytest.fixture(scope="module")
def driver():
    (made,) = build_local(ModelSettings(gguf="tiny", gguf_threads=1), tiny_home())
    assert isinstance(made, LocalChat)
    made.warm()
    yield made
    made.close()


@pytest.fixture
def model(driver) -> LocalChat:
    """The same process for all tests; a driver of its own for each, for each has its own event loop."""
    return LocalChat(driver.spec, driver._server)


async def gather(model, request) -> Draft:
    draft = Draft(model.spec, request)
    async for part in model.stream(request):
        draft.add(part)
    return draft


async def take(model, request, most: int) -> list[Part]:
    """The first parts; the call is left then."""
    parts: list[Part] = []
    async with aclosing(model.stream(request)) as stream:
        async for part in stream:
            parts.append(part)
            if len(parts) == most:
                break
    return parts


def test_it_is_local_and_costs_nothing(driver):
    spec = driver.spec
    assert (spec.id, spec.provider, spec.residency, spec.price_in, spec.price_out) == (
        "local-tiny",
        "local",
        "local",
        0,
        0,
    )
    assert spec.tasks == ("tool_call",)


async def test_words_come_in_pieces(model):
    parts = await take(model, LONG, 5)
    assert len([part for part in parts if part.text]) == 5


async def test_an_answer_keeps_its_schema_and_is_counted(model):
    draft = await gather(model, Request((Message("user", "Gold rose. Good or bad?"),), schema=MOOD, max_tokens=64))
    done = draft.finish()
    assert done.data in ({"mood": "good"}, {"mood": "bad"})
    assert draft.text == json.dumps(done.data, separators=(",", ":"))
    spent = draft.spent()
    assert (spent.estimated, spent.nanos) == (False, 0)
    assert spent.prompt > 10
    assert spent.completion > 3


async def test_a_call_names_an_offered_tool_with_arguments_its_schema_allows(model):
    done = (await gather(model, Request((Message("user", "Price of Coca-Cola?"),), (QUOTES,), max_tokens=64))).finish()
    (call,) = done.calls
    assert call.name == "read_quotes"
    assert call.arguments["instruments"]  # `finish` held them against the schema
    assert "Coca-Cola" not in str(call.arguments)


async def test_too_long_an_answer_is_told(model):
    with pytest.raises(ModelError, match="more to say") as caught:
        await gather(model, Request((Message("user", "Count to a thousand."),), max_tokens=3))
    assert caught.value.kind == "endless"


async def test_too_long_a_prompt_is_told(model):
    with pytest.raises(ModelError) as caught:
        await gather(model, Request((Message("user", "word " * 9000),)))
    assert caught.value.kind == "context"


async def test_what_was_read_before_is_not_read_again(model, driver):
    from desk.llm.local.wire import Generation

    words = "The desk keeps a journal of every order. " * 20
    steps = []
    for asked in ("One?", "Two?"):
        messages = [{"role": "system", "content": words}, {"role": "user", "content": asked}]
        steps.append(Generation(driver._server.find(), {"messages": messages, "max_tokens": 2}))
        await steps[-1].whole()
    assert steps[1].cached > 0.8 * steps[1].prompt


async def test_leaving_ends_the_native_generation(model):
    """A long prompt is left while it is read; the next answer comes without waiting for the rest of it."""
    reading = asyncio.create_task(gather(model, Request((Message("user", "word " * 3500),), max_tokens=400)))
    await asyncio.sleep(0.5)
    reading.cancel()
    with suppress(asyncio.CancelledError):
        await reading
    used = cpu_seconds(model._server.pid)
    await take(model, Request((Message("user", "hi"),), max_tokens=8), 1)
    await asyncio.sleep(1.0)
    spent = cpu_seconds(model._server.pid) - used
    assert spent < 6  # reading it all takes 25 s of CPU


async def test_two_at_once_both_get_their_answer(model):
    one, two = (
        Request((Message("user", "bye"),), schema=MOOD, max_tokens=64),
        Request((Message("user", "hi"),), schema=MOOD),
    )
    drafts = await asyncio.gather(gather(model, one), gather(model, two))
    assert all(draft.finish().data for draft in drafts)


async def test_a_full_queue_refuses_and_empties_again(model):
    started = [asyncio.create_task(take(model, LONG, 200)) for _ in range(MOST_WAITING + 1)]
    await asyncio.sleep(0)
    with pytest.raises(ModelError, match="waiting already") as caught:
        await gather(model, LONG)
    assert (caught.value.kind, caught.value.billed) == ("rate_limit", False)
    for task in started:
        task.cancel()
    await asyncio.gather(*started, return_exceptions=True)
    assert (await gather(model, Request((Message("user", "hi"),), schema=MOOD))).finish().data


async def test_the_event_loop_is_never_held_up(model):
    before = time.thread_time()
    await take(model, LONG, 40)
    assert time.thread_time() - before < 1.0  # CPU of this thread: the work is done elsewhere


async def test_a_killed_process_fails_the_answer_and_is_started_again(model):
    first = None
    with pytest.raises(ModelError) as caught:
        async for _ in model.stream(LONG):
            if first is None:
                first = model._server.pid
                os.kill(first, signal.SIGKILL)
    assert caught.value.kind in ("connection", "cut")
    assert (await gather(model, Request((Message("user", "hi"),), schema=MOOD))).finish().data
    assert model._server.pid not in (None, first)


async def test_the_router_falls_back_when_it_is_late_and_keeps_to_its_tasks(model, tmp_path):
    spec = model.spec.model_copy(update={"tasks": ()})
    local = LocalChat(spec, model._server)
    quick = Scripted("quick", says("at once"))
    async with routed(tmp_path, _Borrowed(local), quick, fallback_ms=150) as router:
        answered = await router.complete(ask("word " * 2000), plan)
        assert answered.completion is not None
        assert answered.completion.model == "quick"
        assert "local-tiny: no answer in 150 ms" in str(answered.reason)
    async with routed(tmp_path, _Borrowed(model), quick) as router:
        answered = await router.complete(ask("hello", task="chat"), plan)
        assert answered.reason == "local-tiny: is for tool_call only, this is chat"
        assert router.serves("chat")
    async with routed(tmp_path, _Borrowed(model)) as router:
        assert (router.serves("chat"), router.serves("tool_call")) == (False, True)


async def test_memory_stays_where_it_was_over_many_answers(model):
    request = Request((Message("user", "Good or bad?"),), schema=MOOD, max_tokens=64)
    for _ in range(5):
        await gather(model, request)
    before = resident_mb(model._server.pid)
    for number in range(20):
        await gather(model, Request((Message("user", f"Good or bad, {number}?"),), schema=MOOD, max_tokens=64))
    assert resident_mb(model._server.pid) - before < 64
    assert before < 700


async def test_it_takes_only_its_own_key_and_sees_none_of_the_desk(model):
    import httpx

    address = model._server.find()
    async with httpx.AsyncClient(trust_env=False) as client:
        asked = {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 1}
        answer = await client.post(f"{address.url}/v1/chat/completions", json=asked)
        slots = await client.get(f"{address.url}/slots", headers={"Authorization": f"Bearer {address.key}"})
    assert address.url.startswith("http://127.0.0.1:")
    assert answer.status_code == 401
    assert slots.status_code >= 400
    with open(f"/proc/{model._server.pid}/environ") as file:
        assert "TENOR_" not in file.read()


def test_a_file_that_cannot_be_loaded_is_a_sentence_and_no_crash(tmp_path):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(100))
    process = LlamaProcess(broken, 1, 512)
    with pytest.raises(ModelError, match=r"broken\.gguf cannot be loaded"):
        process.find()
    process.close()
    with pytest.raises(ModelError, match="closing"):
        process.find()


class _Borrowed:
    """A model that is not closed with the router."""

    def __init__(self, model: LocalChat) -> None:
        self.spec, self.stream, self.warm = model.spec, model.stream, model.warm

    def close(self) -> None:
        """It is another's."""


def cpu_seconds(pid: int) -> float:
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
