"""Worker processes behind a real queue bring orders to an outside broker; one that is killed leaves no second order."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from bench.report import wait_until
from tests.api.running import Up, tenor
from tests.faults.test_workers import workers_of
from tests.valkey import Valkey
from tests.venues import binance_server
from tests.venues.binance_server import BinanceServer

pytestmark = [pytest.mark.fault, pytest.mark.service]


class Crew:
    """`tenor up` with worker processes, before a made-up Binance."""

    def __init__(self, home: Path) -> None:
        self.venue, self.queue = BinanceServer(), Valkey(home / "queue")
        self.venue.start()
        self.up = Up(
            home / "desk",
            TENOR_REDIS_URL=self.queue.url,
            TENOR_BINANCE_KEY=binance_server.KEY,
            TENOR_BINANCE_SECRET=binance_server.SECRET,
            TENOR_BINANCE_BASE_URL=self.venue.url,
        )
        key = tenor(self.up.home, "keys", "create", "--scope", "trade,read", "--as", "trader").json["secret"]
        self.http = httpx.Client(base_url=self.up.address, headers={"authorization": f"Bearer {key}"}, timeout=30)

    def send(self, id: str, **more: object) -> None:
        order = {"account": "desk-1", "instrument": "CRYPTO:BTCUSD", "side": "buy", "quantity": 0.01, "client_id": id}
        answer = self.http.post("/v1/orders", json={**order, **more})
        assert answer.status_code == 201, answer.text

    def progress(self, id: str):
        return self.http.get(f"/v1/orders/{id}/progress").json()

    def state(self, id: str) -> str:
        return str(self.progress(id)["order"]["state"])

    def end(self) -> None:
        self.up.stop()
        self.queue.kill()
        self.venue.stop()


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    made = Crew(tmp_path)
    yield made
    made.end()


def children_of(parents: list[int]) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent in parents:
            found.append(int(entry.name))
    return found


def test_a_worker_places_the_desk_follows_and_a_killed_worker_doubles_nothing(crew: Crew) -> None:
    assert wait_until(lambda: len(workers_of(crew.up)) == 1, 40)
    quotes = crew.http.get("/v1/market/quotes").json()["quotes"]
    price = next(quote["bid"] for quote in quotes if quote["instrument"] == "CRYPTO:BTCUSD")
    crew.venue.book.prices[binance_server.BTC] = Decimal(str(price))
    crew.send("o-1")
    assert wait_until(lambda: crew.state("o-1") == "filled", 40)
    placed_by = int(crew.progress("o-1")["delivery"]["worker"].split("/")[1])
    assert placed_by != crew.up.process.pid
    crew.send("o-2", type="limit", limit_price=round(price * 0.95, 2), time_in_force="gtc")
    assert wait_until(lambda: crew.state("o-2") == "working", 20), crew.progress("o-2")
    crew.venue.book.trade("o-2", "0.01")  # only the desk's own stream can tell it
    assert wait_until(lambda: crew.state("o-2") == "filled", 40)
    crew.venue.faults.where, crew.venue.faults.script = "order", ["", "hang_after"]
    crew.venue.faults.hang_s = 6.0
    crew.send("o-3")
    assert wait_until(lambda: crew.venue.book.find("o-3") is not None, 40)
    workers = workers_of(crew.up)
    children = children_of(workers)
    assert len(children) >= 2, "a process that works and one that beats"
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    assert wait_until(lambda: not any(Path(f"/proc/{child}").exists() for child in children), 40), "orphans work on"
    assert wait_until(lambda: crew.state("o-3") == "filled", 90)
    assert [order.name for order in crew.venue.book.orders] == ["o-1", "o-2", "o-3"]
    assert {order.filled for order in crew.venue.book.orders} == {Decimal("0.01")}
