"""Risk over HTTP: the hot answer is FastAPI's answer, and nobody learns what is not theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import httpx
import pytest

from api.app import build_app
from desk.risk.cache import RiskCache

BASE = "http://127.0.0.1:8400"
ASKED = {"account": "desk-1", "instrument": "XNAS:AAPL", "side": "buy", "quantity": "250"}


@pytest.fixture
async def client(runtime, tmp_path) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(build_app(runtime, tmp_path)), base_url=BASE) as opened:
        yield opened


@pytest.fixture
def key(runtime) -> dict[str, str]:
    return bearer(runtime, "trader")


def bearer(runtime, person: str, *scopes: str) -> dict[str, str]:
    _, token = runtime.desk.api_keys.create(person, "risk", list(scopes or ("read",)), 1)
    return {"authorization": f"Bearer {token}"}


def is_hot(answer: httpx.Response) -> bool:
    return "x-request-id" not in answer.headers


async def test_the_hot_answer_is_the_answer_of_the_route(client, key):
    for path, asked in (("/v1/risk", {"account": "desk-1"}), ("/v1/risk/what-if", ASKED)):
        first = await client.get(path, params=asked, headers=key)
        second = await client.get(path, params=asked, headers=key)
        assert first.status_code == second.status_code == 200
        assert (is_hot(first), is_hot(second)) == (False, True)
        assert first.json().keys() == second.json().keys()
        if first.json()["as_of"] == second.json()["as_of"]:
            assert first.json() == second.json()


async def test_the_risk_of_an_account_is_whole_and_ordered(client, key):
    found = (await client.get("/v1/risk", params={"account": "desk-1"}, headers=key)).json()
    risk = found["risk"]
    for method in ("historical", "parametric", "monte_carlo"):
        tail = risk[method]
        assert 0 < tail["var_95"] < tail["var_99"] < tail["cvar_99"]
        assert tail["var_95"] < tail["cvar_95"] < tail["cvar_99"]
    assert 0 < risk["score"] < 100
    assert risk["ewma_volatility"] > 0
    assert 0 < found["drawdown"] < 1
    assert "days to" in found["window"]


class Standing:
    """A market feed that stands still: its first moment, and the first price of each instrument."""

    def __init__(self, feed):
        self._feed, self._now, self._quotes = feed, feed.now(), {}

    def __getattr__(self, name):
        return getattr(self._feed, name)

    def now(self):
        return self._now

    def quote(self, id):
        return self._quotes.setdefault(id, self._feed.quote(id))


async def test_a_fill_changes_the_answer_at_once_to_what_the_question_foretold(client, runtime, key):
    desk = runtime.desk
    standing, number = Standing(desk.feed), lambda: desk.trading.accounts.seq
    kept = RiskCache(standing, desk.trading.holdings, number)
    before = kept.what_if("desk-1", "XNAS:AAPL", Decimal(5))
    foretold = (await client.get("/v1/risk/what-if", params=ASKED, headers=key)).json()
    trade = bearer(runtime, "trader", "trade")
    order = {**ASKED, "client_id": "risk-1"}
    assert (await client.post("/v1/orders", json=order, headers=trade)).status_code == 201
    after = (await client.get("/v1/risk/what-if", params=ASKED, headers=key)).json()
    assert after["before"]["exposure"] == pytest.approx(foretold["after"]["exposure"], rel=1e-3)
    assert after["before"]["historical"] == pytest.approx(foretold["after"]["historical"], rel=1e-2)
    cached = kept.what_if("desk-1", "XNAS:AAPL", Decimal(5))
    again = RiskCache(standing, desk.trading.holdings, number).what_if("desk-1", "XNAS:AAPL", Decimal(5))
    assert cached.after.exposure > before.after.exposure
    assert cached.after.historical.at_99 == pytest.approx(again.after.historical.at_99, rel=1e-9)
    assert cached.after.parametric.at_95 == pytest.approx(again.after.parametric.at_95, rel=1e-9)


async def test_a_session_cookie_serves_until_it_ends(client, runtime):
    desk = runtime.desk
    token = desk.sessions.create("trader", door=False)
    client.cookies.set("tenor_session", token)
    for hot in (False, True):
        answer = await client.get("/v1/risk", params={"account": "desk-1"})
        assert (answer.status_code, is_hot(answer)) == (200, hot)
    desk.sessions.end(token)
    assert (await client.get("/v1/risk", params={"account": "desk-1"})).status_code == 401


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"account": "cust-1"}, 403),
        ({"account": "no-such"}, 403),
        ({"instrument": "XNAS:NOPE"}, 404),
        ({"quantity": "NaN"}, 422),
        ({"quantity": "1e400"}, 422),
        ({"quantity": "-5"}, 422),
        ({"quantity": "0"}, 422),
        ({"side": "hold"}, 422),
        ({"account": ""}, 403),
    ],
)
async def test_what_is_not_right_is_refused_whether_books_are_kept_or_not(client, key, change, status):
    assert (await client.get("/v1/risk/what-if", params={**ASKED, **change}, headers=key)).status_code == status
    assert (await client.get("/v1/risk/what-if", params=ASKED, headers=key)).status_code == 200
    refused = await client.get("/v1/risk/what-if", params={**ASKED, **change}, headers=key)
    assert refused.status_code == status
    assert refused.headers["content-type"] == "application/problem+json"


async def test_nobody_signed_in_is_told_nothing(client, runtime, key):
    await client.get("/v1/risk", params={"account": "desk-1"}, headers=key)
    for headers in ({}, {"authorization": "Bearer tk_none.none"}, {"cookie": "tenor_session=guess"}):
        assert (await client.get("/v1/risk", params={"account": "desk-1"}, headers=headers)).status_code == 401
    assert (
        await client.get("/v1/risk", params={"account": "desk-1"}, headers=bearer(runtime, "trader", "trade"))
    ).status_code == 403
    assert (
        await client.get("/v1/risk", params={"account": "desk-1"}, headers={**key, "host": "evil.example"})
    ).status_code == 421


async def test_compliance_sees_every_account_but_none_that_does_not_exist(client, runtime):
    officer = bearer(runtime, "compliance")
    for hot in (False, True):
        answer = await client.get("/v1/risk", params={"account": "desk-1"}, headers=officer)
        assert (answer.status_code, is_hot(answer)) == (200, hot)
    assert (await client.get("/v1/risk", params={"account": "nope"}, headers=officer)).status_code == 404


async def test_a_query_with_other_words_is_left_to_the_route(client, key):
    await client.get("/v1/risk", params={"account": "desk-1"}, headers=key)
    for query in ("account=desk-1&account=desk-1", "account=desk-1&x=1"):
        assert not is_hot(await client.get(f"/v1/risk?{query}", headers=key))
    assert (await client.get("/v1/risk", headers=key)).status_code == 422
