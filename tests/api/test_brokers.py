"""Outside brokers from the doors of a running desk: the desk starts whatever they say, and says what they said."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from decimal import Decimal

import httpx
import pytest

from tests.api.running import Up, tenor
from tests.venues import alpaca_server, binance_server
from tests.venues.alpaca_server import AlpacaServer
from tests.venues.binance_server import BinanceServer

COIN = {"account": "desk-1", "instrument": "CRYPTO:BTCUSD", "side": "buy", "quantity": 0.5}
APPLE = {"account": "desk-1", "instrument": "XNAS:AAPL", "side": "buy", "quantity": 5}


class Floor:
    """A running desk before a Binance that is not there yet and an Alpaca that does not take the key."""

    def __init__(self, home) -> None:
        self.binance, self.alpaca = BinanceServer(), AlpacaServer()
        self.alpaca.start()
        self.settings = {
            "TENOR_BINANCE_KEY": binance_server.KEY,
            "TENOR_BINANCE_SECRET": binance_server.SECRET,
            "TENOR_BINANCE_BASE_URL": self.binance.url,
            "TENOR_ALPACA_KEY": alpaca_server.KEY,
            "TENOR_ALPACA_SECRET": "the-wrong-made-up-word",
            "TENOR_ALPACA_BASE_URL": self.alpaca.url,
        }
        self.up = Up(home, **self.settings)
        key = tenor(home, "keys", "create", "--scope", "trade,read", "--as", "trader").json["secret"]
        self.http = httpx.Client(base_url=self.up.address, headers={"authorization": f"Bearer {key}"}, timeout=30)

    def broker(self, name: str) -> dict[str, object]:
        found = self.http.get("/v1/brokers").json()["brokers"]
        return next(one for one in found if one["name"] == name)

    def end(self) -> None:
        self.up.stop()
        self.binance.stop()
        self.alpaca.stop()


@pytest.fixture(scope="module")
def floor(tmp_path_factory) -> Iterator[Floor]:
    made = Floor(tmp_path_factory.mktemp("brokers") / "home")
    yield made
    made.end()


def until(done):
    ends = time.monotonic() + 40
    while not done() and time.monotonic() < ends:
        time.sleep(0.1)
    return bool(done())


def test_a_desk_whose_brokers_fail_starts_and_refuses_their_orders_by_name(floor: Floor) -> None:
    assert floor.broker("Binance")["state"] == "unreachable"
    refused = floor.http.post("/v1/orders", json=COIN)
    assert (refused.status_code, refused.json()["rule"]) == (422, "broker")
    assert "Binance does not answer" in refused.json()["detail"]
    assert "TENOR_BINANCE_BASE_URL" in refused.json()["detail"]
    refused = floor.http.post("/v1/orders", json=APPLE)
    assert (refused.status_code, refused.json()["value"]) == (422, "refused")
    assert "look at TENOR_ALPACA_KEY and TENOR_ALPACA_SECRET" in refused.json()["detail"]
    gold = floor.http.post("/v1/orders", json={**APPLE, "instrument": "OTC:XAU", "quantity": 1})
    assert gold.json()["order"]["state"] == "filled"
    assert gold.json()["order"]["broker"] == "simulated venue"


def test_the_system_page_and_doctor_say_which_variable(floor: Floor) -> None:
    rows = {row["role"]: row for row in floor.http.get("/v1/system").json()["backends"]}
    assert (rows["broker"]["state"], rows["broker"]["setting"]) == ("unreachable", "TENOR_ALPACA_KEY")
    assert "does not take the key" in rows["broker"]["detail"]
    assert (rows["broker of crypto"]["state"], rows["broker of crypto"]["setting"]) == (
        "unreachable",
        "TENOR_BINANCE_KEY",
    )
    doctor = tenor(floor.up.home, "doctor", **floor.settings)
    assert doctor.exit == 1
    assert {row["role"] for row in doctor.json["backends"] if row["state"] == "unreachable"} == {"broker of crypto"}


def test_a_broker_that_comes_is_taken_up_traded_with_and_compared(floor: Floor) -> None:
    floor.binance.start()
    assert until(lambda: floor.broker("Binance")["state"] == "connected" and floor.broker("Binance")["stream"])
    placed = floor.http.post("/v1/orders", json={**COIN, "client_id": "coin-1"})
    assert (placed.status_code, placed.json()["order"]["broker"]) == (201, "Binance"), placed.text

    def order() -> dict[str, object]:
        return next(o for o in floor.http.get("/v1/orders").json()["orders"] if o["client_id"] == "coin-1")

    assert until(lambda: order()["state"] == "filled")
    assert (order()["average_price"], [o.filled for o in floor.binance.book.orders]) == (60_000, [Decimal("0.5")])
    agreed = tenor(floor.up.home, "brokers", "reconcile", "Binance", "--as", "trader")
    assert (agreed.exit, agreed.json["differences"]) == (0, [])
    floor.binance.book.enter(name="by-hand", symbol=binance_server.BTC, side="sell", kind="LIMIT", qty=Decimal(1),
                             tif="gtc", limit=Decimal(90_000))  # fmt: skip
    differs = tenor(floor.up.home, "brokers", "reconcile", "Binance", "--as", "trader")
    assert differs.exit == 1
    assert [(one["kind"], one["subject"]) for one in differs.json["differences"]] == [("unknown_order", "by-hand")]
    assert floor.broker("Binance")["differences"] == differs.json["differences"]
    listed = tenor(floor.up.home, "brokers", "list").json["brokers"]
    assert [one["name"] for one in listed] == ["Binance", "Alpaca", "simulated venue"]
    assert "CRYPTO:BTCUSD" in listed[0]["instruments"]


def test_only_those_who_may_compare(floor: Floor) -> None:
    assert floor.http.post("/v1/brokers/Binance/reconcile").status_code == 403  # a key never does
    refused = tenor(floor.up.home, "brokers", "reconcile", "Binance", "--as", "analyst")
    assert refused.exit != 0
    assert "may not reconcile" in refused.err + refused.out
    silent = tenor(floor.up.home, "brokers", "reconcile", "Alpaca", "--as", "trader")
    assert silent.exit != 0
    assert "TENOR_ALPACA_KEY" in silent.err + silent.out


def test_nothing_of_the_keys_is_told(floor: Floor) -> None:
    told = (
        floor.up.log.read_text() + json.dumps(floor.http.get("/v1/brokers").json()) + floor.http.get("/v1/system").text
    )
    for word in (binance_server.KEY, binance_server.SECRET, alpaca_server.KEY, "the-wrong-made-up-word", "signature="):
        assert word not in told
    assert "reach" in floor.up.log.read_text()


def test_a_key_without_its_secret_is_a_sentence(tmp_path) -> None:
    done = tenor(tmp_path, "doctor", TENOR_BINANCE_KEY="made-up-half")
    assert done.exit != 0
    assert "TENOR_BINANCE_KEY is set and TENOR_BINANCE_SECRET is not" in done.err + done.out
