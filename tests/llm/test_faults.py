"""Every way a provider fails, over real HTTP: the next model or the plan answers, and the record says why."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from desk.llm.models import NANOS
from tests.llm.openai_server import Fault, Kind, OpenAiServer
from tests.llm.routing import QUOTES, Scripted, ask, litellm, plan, routed, says

pytestmark = pytest.mark.filterwarnings("ignore")


def call(name: str, arguments: str) -> dict:
    return {
        "content": None,
        "tool_calls": [{"id": "c", "type": "function", "function": {"name": name, "arguments": arguments}}],
    }


FAULTS: dict[str, tuple[dict | str | int | Fault, str, int]] = {
    "429 with retry-after beyond the deadline": (Fault("status", 429, "30"), "answered HTTP 429", 1),
    "429 without retry-after": (Fault("status", 429), "answered HTTP 429", 3),
    "500": (Fault("status", 500), "answered HTTP 500", 3),
    "503": (Fault("status", 503), "answered HTTP 503", 3),
    "401": (Fault("status", 401), "answered HTTP 401", 1),
    "400": (Fault("status", 400), "answered HTTP 400", 1),
    "hang before the first token": (Fault("hang"), "no first token in 1500 ms", 1),
    "hang after the first token": (Fault("hang_after"), "silent for 1500 ms in its answer", 1),
    "cut stream": (Fault("cut"), "broke off its answer", 1),
    "stream that ends without its end": (Fault("end"), "broke off its answer", 1),
    "endless stream": (Fault("endless"), "without end", 1),
    "garbage event": (Fault("garbage"), "not JSON", 1),
    "error event": (Fault("error_event"), "an error in the middle of its answer", 1),
    "garbage body": ("{not json", "", 2),
    "a body without choices": ('{"choices": []}', "", 2),
    "wrong content type": (Fault("type"), "sent text/html", 1),
    "empty answer": ({"content": ""}, "the answer is empty", 1),
    "wrong tool": (call("place_order", "{}"), "there is no tool 'place_order'", 2),
    "arguments that are no JSON": (call("read_quotes", "{oh"), "are not JSON", 2),
    "arguments that break the schema": (call("read_quotes", '{"id": 5}'), "breaks its schema", 2),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_the_next_model_answers_and_the_reason_is_recorded(tmp_path, fault):
    answer, why, requests = FAULTS[fault]
    server, good = OpenAiServer(lambda _: answer), Scripted("good", says("fine"))
    async with routed(tmp_path, litellm("bad", server.url), good) as router:
        found = await router.complete(ask(tools=(QUOTES,), run="r", person="p", prompt="risk.v1"), plan)
        await router.drain()
        (record,) = router.book.newest()
    server.close()
    assert found.completion is not None
    assert found.completion.text == "fine"
    assert found.reason is not None
    assert why in found.reason
    assert record.reason == found.reason
    assert record.model == "good"
    assert len(server.requests) == requests
    assert [a.model for a in record.attempts] == ["bad", "good"]
    assert (record.run, record.person, record.prompt, record.task) == ("r", "p", "risk.v1", "chat")


async def test_a_429_whose_retry_after_fits_is_tried_again_then(tmp_path):
    replies = iter([Fault("status", 429, "0.3")])
    server = OpenAiServer(lambda _: next(replies, {"content": "now"}))
    async with routed(tmp_path, litellm("m", server.url)) as router:
        found = await router.complete(ask(), plan)
    server.close()
    assert found.completion is not None
    assert found.completion.text == "now"
    assert found.reason is None
    assert "tried again after 300 ms" in found.attempts[0].notes[0]


async def test_no_retry_runs_past_the_first_token_deadline(tmp_path):
    server = OpenAiServer(lambda _: 503)
    async with routed(tmp_path, litellm("m", server.url), fallback_ms=40) as router:
        found = await router.complete(ask(), plan)
    server.close()
    assert found.completion == plan()
    assert len(server.requests) == 1


async def test_a_name_that_is_not_known_and_a_certificate_that_is_not_ours(tmp_path):
    server = OpenAiServer(lambda _: {"content": "hidden"}, tls=_self_signed(tmp_path))
    bad = litellm("lost", "http://no-such-host.invalid/v1"), litellm("forged", server.url)
    async with routed(tmp_path, *bad) as router:
        found = await router.complete(ask(), plan)
    server.close()
    assert found.completion == plan()
    assert found.reason is not None
    assert "the name of its address is not known" in found.reason
    assert "no valid certificate (TLS)" in found.reason
    assert server.requests == []
    assert found.cost_usd == 0


async def test_an_address_where_nobody_listens(tmp_path):
    server = OpenAiServer(lambda _: 500)
    server.close()
    async with routed(tmp_path, litellm("m", server.url)) as router:
        found = await router.complete(ask(), plan)
    assert found.reason is not None
    assert "its address does not answer" in found.reason


async def test_an_address_that_does_not_stream_answers_whole(tmp_path):
    whole = '{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop",'
    whole += (
        '"message":{"role":"assistant","content":"all at once"}}],"usage":{"prompt_tokens":3,"completion_tokens":3}}'
    )
    server = OpenAiServer(lambda _: whole)
    async with routed(tmp_path, litellm("m", server.url)) as router:
        first = await router.complete(ask(), plan)
        second = await router.complete(ask(), plan)
    server.close()
    assert first.completion is not None
    assert first.completion.text == "all at once"
    assert second.reason is None
    assert [request.get("stream", False) for request in server.requests] == [True, False, False]


async def test_the_loser_is_hung_up_on_and_its_cost_is_estimated(tmp_path):
    server, good = OpenAiServer(lambda _: Fault("hang")), Scripted("good", says("fine"))
    async with routed(tmp_path, litellm("slow", server.url), good, fallback_ms=300) as router:
        await router.complete(ask(run="r"), plan)
        await router.drain()
        (record,) = router.book.newest()
        used = router.money.used("run:r")
    while not server.hung_up:
        await asyncio.sleep(0.01)
    server.close()
    slow, fine = record.attempts
    assert slow.estimated
    assert slow.nanos > 0
    assert not fine.estimated
    assert fine.nanos == 18_000
    assert used == slow.nanos + fine.nanos


async def test_a_key_is_in_no_prompt_record_log_or_error(tmp_path, capfd):
    canary = "sk-canary-000000000000000000"
    replies: Iterator[dict | int | Fault] = iter([401, Fault("garbage"), {"content": f"your key is {canary}"}])
    server = OpenAiServer(lambda _: next(replies))
    async with routed(tmp_path, litellm("m", server.url)) as router:
        for _ in range(3):
            found = await router.complete(ask(f"is {canary} good? and tk_abcdefghijklmnopqrstuv?"), plan)
            assert canary not in str(found.reason)
        records = router.book.newest()
    server.close()
    assert canary not in str(records)
    assert "[redacted]" in str(records)
    sent = str([request["messages"] for request in server.requests])
    assert "[redacted]" in sent
    assert canary not in sent
    assert "tk_abc" not in sent
    assert server.requests[0]["authorization"] == f"Bearer {canary}"
    assert canary not in "".join(capfd.readouterr())


KINDS: tuple[Kind, ...] = ("status", "hang", "hang_after", "cut", "end", "garbage", "type", "error_event")


def _flaky(seed: int, name: str):
    chance = random.Random(seed)

    def reply(_):
        draw = chance.random()
        if draw < 0.55:
            return {"content": f"an answer of {name}"}
        if draw < 0.65:
            return Fault("status", chance.choice((429, 500, 503)), chance.choice(("", "1")))
        if draw < 0.70:
            return chance.choice(({"content": ""}, call("place_order", "{}"), call("read_quotes", "{oh")))
        return Fault(chance.choice(KINDS))

    return reply


async def test_three_providers_with_faults_lose_no_answer_and_no_money_over_budget(tmp_path):
    budget = 20_000_000  # nano-dollars: tight, so that many calls must be refused
    servers = [OpenAiServer(_flaky(seed, name)) for seed, name in enumerate("abc")]
    models = [litellm(name, server.url, price="20") for name, server in zip("abc", servers, strict=True)]
    async with routed(tmp_path, *models, day=str(budget / NANOS), fallback_ms=400) as router:
        day = f"day:{datetime.now(UTC).date().isoformat()}"
        gate, most = asyncio.Semaphore(50), 0

        async def one(n: int):
            nonlocal most
            async with gate:
                found = await router.complete(ask(f"question {n}", tools=(QUOTES,), run=f"run{n}", max_tokens=64), plan)
            most = max(most, router.money.used(day))
            return found

        answers = await asyncio.gather(*(one(n) for n in range(1000)))
        await router.drain()
        records = router.book.newest(2000)
        spent = router.money.used(day)
    for server in servers:
        server.close()
    assert len(answers) == 1000
    assert all(found.completion is not None and found.completion.text for found in answers)
    assert {record.run for record in records} == {f"run{n}" for n in range(1000)}
    fallen = [found for found in answers if not found.by_model]
    assert all(found.reason for found in fallen)
    assert all(a.reason for record in records for a in record.attempts if a.model != record.model)
    assert sum(record.nanos for record in records) == spent
    assert max(most, spent) <= budget
    assert any(found.by_model for found in answers)
    assert any("the budget per day" in str(found.reason) for found in fallen)


def _self_signed(folder) -> ssl.SSLContext:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    path = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
