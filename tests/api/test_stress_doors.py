"""Scenarios, sensitivities and liquidity over HTTP and in the shell: the same, and nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from api.app import build_app
from tests.api.test_risk_door import BASE, bearer


@pytest.fixture
async def client(runtime, tmp_path) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(build_app(runtime, tmp_path)), base_url=BASE) as opened:
        opened.headers.update(bearer(runtime, "trader"))
        yield opened


async def test_scenarios_are_ordered_whole_and_add_up(client):
    found = (await client.get("/v1/risk/stress", params={"account": "desk-1", "shock": "equity=-20"})).json()
    losses = [row["pnl"] for row in found["scenarios"]]
    assert losses == sorted(losses)
    assert {row["kind"] for row in found["scenarios"]} == {"historical", "hypothetical"}
    for row in found["scenarios"]:
        assert row["pnl"] == pytest.approx(sum(move["pnl"] for move in row["moves"]), abs=0.05)
        assert row["pct"] == pytest.approx(100 * row["pnl"] / found["equity"], abs=0.01)
    assert "own" in {row["key"] for row in found["scenarios"]}


async def test_sensitivities_and_liquidity(client):
    moved = (await client.get("/v1/risk/factors", params={"account": "desk-1"})).json()
    assert [row["factor"] for row in moved["factors"]] == ["equity", "bonds", "dollar", "oil"]
    assert 0 < moved["explained_pct"] <= 100
    sold = (await client.get("/v1/risk/liquidity", params={"account": "desk-1"})).json()
    assert "assumed turnover" in sold["label"]
    assert sold["cost"] == pytest.approx(sum(row["cost"] for row in sold["rows"]), abs=0.05)


@pytest.mark.parametrize("path", ["stress", "factors", "liquidity"])
async def test_anothers_account_is_refused(client, runtime, path):
    key = bearer(runtime, "customer")
    answer = await client.get(f"/v1/risk/{path}", params={"account": "desk-1"}, headers=key)
    assert answer.status_code == 403


async def test_a_shock_that_is_none_is_named(client):
    answer = await client.get("/v1/risk/stress", params={"account": "desk-1", "shock": "moon=3"})
    assert answer.status_code == 422
    assert "there are equity" in answer.json()["detail"]
