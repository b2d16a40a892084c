"""Tax lots of a running desk: its seeds, an order's fill, and what stands at a loss."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import httpx
import pytest

from api.app import build_app
from desk.orders import Order, Side
from tests.api.test_risk_door import BASE, bearer

ASKED = {"account": "desk-1"}


@pytest.fixture
async def client(runtime, tmp_path) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(build_app(runtime, tmp_path)), base_url=BASE) as opened:
        opened.headers.update(bearer(runtime, "trader"))
        yield opened


async def test_seeded_holdings_and_purchases_are_lots_and_a_sale_takes_the_oldest(client, runtime):
    before = (await client.get("/v1/portfolio/lots", params=ASKED)).json()
    held = {each.instrument: each for each in runtime.desk.trading.positions() if each.account == "desk-1"}
    assert {lot["instrument"]: Decimal(lot["quantity"]) for lot in before["lots"]} == {
        id: each.quantity for id, each in held.items()
    }
    for lot in before["lots"]:
        at = held[lot["instrument"]]
        assert (lot["acquired"], Decimal(lot["cost"])) == (None, at.quantity * at.average_cost)
    for n, (side, units) in enumerate([(Side.BUY, 5), (Side.SELL, 3)]):
        runtime.desk.trading.gate.submit(
            Order(f"lots-{n}", "desk-1", "XNAS:AAPL", side, Decimal(units), by="trader"), route="venue"
        )
    after = (await client.get("/v1/portfolio/lots", params=ASKED)).json()
    assert after["lacking"] == {}
    apple = [lot for lot in after["lots"] if lot["instrument"] == "XNAS:AAPL"]
    assert [lot["acquired"] is None for lot in apple] == [True, False]
    assert sum(Decimal(lot["quantity"]) for lot in apple) == held["XNAS:AAPL"].quantity + 2
    (sold,) = after["realised"]
    assert (sold["quantity"], sold["term"], sold["lot"]) == ("3", "unknown", "opening")
    assert Decimal(sold["gain"]) == Decimal(sold["proceeds"]) - Decimal(sold["cost"])


async def test_losses_are_those_of_the_lots(client):
    found = (await client.get("/v1/portfolio/lots", params={**ASKED, "method": "highest_cost"})).json()
    losers = {lot["id"] + lot["instrument"] for lot in found["lots"] if Decimal(lot["gain"]) < 0}
    assert {row["lot"] + row["instrument"] for row in found["harvest"]} == losers
    assert "no tax advice" in found["label"]


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        ({"account": "desk-1", "country": "Atlantis"}, 422, "only those of US"),
        ({"account": "desk-1", "method": "best"}, 422, "fifo"),
        ({"account": "customer-1"}, 403, "not yours"),
    ],
)
async def test_what_cannot_be_is_said(client, asked, status, words):
    answer = await client.get("/v1/portfolio/lots", params=asked)
    assert answer.status_code == status
    assert words in answer.json()["detail"]
