"""`tenor bench run fraud_alert`: from what somebody does to the frame a compliance officer sees, in a running desk.

A desk in a process of its own, an officer's WebSocket, kept connections. 120 transfers of an account that pays too fast
are posted one by one, then 120 market orders of one that trades too fast; each gives an alert for itself (an order for
its fill too), timed from just before the request is sent to the frame read, over HTTP, store, queue, score, bus and
socket. Then 12,000 such transfers in two batches at once, more than may wait: correct when every one of all these
alerts has its frame, once. `first_ms` is the first alert, before which the watch learns the desk's past transfers.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from bench.report import Report
from bench.serving import Served, serve_desk
from desk.clock import from_iso, to_iso

WARM, TRANSFERS, ORDERS, FLOOD, BATCHES = 40, 120, 120, 12_000, 2
PAUSE_S, ALERT_S, FLOOD_S = 0.02, 20.0, 120.0


def run() -> Report:
    """See the module."""
    with tempfile.TemporaryDirectory(prefix="tenor-bench-") as home, serve_desk(Path(home)) as desk:
        if desk is None:
            return Report("fraud_alert", False, {}, missing=["the desk did not start"])
        made = desk.command("keys", "create", "--as", "trader", "--scope", "trade,read", "--expires", "1d")
        desk.idle_share()
        with _Officer(desk) as officer:
            return _measure(desk, officer, str(made["secret"]))


class _Officer:
    """A signed-in officer; `seen` holds when each fraud frame came, by the id that it is about."""

    def __init__(self, desk: Served) -> None:
        self.client = httpx.Client(base_url=desk.address, timeout=60)
        self.client.post("/v1/session/door", json={"token": desk.door}).raise_for_status()
        csrf = {"x-csrf-token": self.client.get("/v1/session").json()["csrf"]}
        made = self.client.post("/v1/session/demo", json={"name": "compliance"}, headers=csrf)
        self.client.headers["x-csrf-token"] = made.raise_for_status().json()["csrf"]
        self.seen: dict[str, list[float]] = {}
        self.now: datetime | None = None
        self._address = desk.address.replace("http://", "ws://") + "/v1/stream"
        self._listening = threading.Event()

    def __enter__(self) -> _Officer:
        threading.Thread(target=self._listen, daemon=True).start()
        self._listening.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def transfers(self, source: str, count: int, tag: str) -> list[dict[str, object]]:
        """Payments of one sender, a second after each other, in the hour before the market clock's."""
        begins = (self.now or datetime.min) - timedelta(hours=4)
        return [
            {
                "id": f"{tag}-{n}",
                "source": source,
                "target": f"{tag}-to-{n % 40}",
                "amount": "100",
                "currency": "USD",
                "time": to_iso(begins + timedelta(seconds=n % 3_600)),
            }
            for n in range(count)
        ]

    def post(self, rows: Sequence[dict[str, object]]) -> None:
        """Hands transfers in."""
        self.client.post("/v1/fraud/transfers", json={"transfers": list(rows)}).raise_for_status()

    def wait(self, ids: Sequence[str], seconds: float) -> bool:
        """Whether all of these had their frame within so long."""
        ends, left = time.monotonic() + seconds, set(ids)
        while left and time.monotonic() < ends:
            time.sleep(0.001 if len(left) < 10 else 0.05)
            left = {id for id in left if id not in self.seen}
        return not left

    def _listen(self) -> None:
        from websockets.exceptions import ConnectionClosed
        from websockets.sync.client import connect

        cookie = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        headers = {"Cookie": cookie}
        with suppress(ConnectionClosed), connect(self._address, additional_headers=headers, max_size=None) as socket:
            for text in socket:
                at, frame = time.perf_counter(), json.loads(text)
                if frame["type"] == "snapshot":
                    self.now = from_iso(next(c["time"] for c in frame["clocks"] if c["asset_class"] == "stock"))
                    self._listening.set()
                elif frame["type"] == "fraud":
                    self.seen.setdefault(str(frame["id"]), []).append(at)


def _measure(desk: Served, officer: _Officer, key: str) -> Report:
    began = time.perf_counter()
    officer.post(officer.transfers("fast", WARM, "warm"))
    officer.wait([f"warm-{WARM - 1}"], ALERT_S)
    first = time.perf_counter() - began
    with _trader(desk, key) as trader:
        for n in range(WARM):
            _order(trader, f"w-{n}")
        officer.wait([f"fill:w-{WARM - 1}:1"], ALERT_S)
        rows = officer.transfers("fast", TRANSFERS, "one")
        paid = _one_by_one(officer, [f"one-{n}" for n in range(TRANSFERS)], lambda n: officer.post([rows[n]]))
        traded = _one_by_one(officer, [f"fill:o-{n}:1" for n in range(ORDERS)], lambda n: _order(trader, f"o-{n}"))
    alerts = sorted([*paid, *traded])
    flooded, lasted = _flood(officer)
    doubled = sum(len(times) > 1 for times in officer.seen.values())
    metrics: dict[str, float | None] = {
        "p50_ms": _at(alerts, 0.5),
        "p99_ms": _at(alerts, 0.99),
        "transfer_p50_ms": _at(sorted(paid), 0.5),
        "order_p50_ms": _at(sorted(traded), 0.5),
        "alerts": len(alerts),
        "first_ms": round(first * 1e3, 1),
        "flood_alerts": FLOOD,
        "flood_frames": flooded,
        "flood_s": round(lasted, 2),
        "doubled": doubled,
    }
    correct = len(alerts) == TRANSFERS + ORDERS and not doubled and flooded == FLOOD
    return Report("fraud_alert", correct, metrics)


def _one_by_one(officer: _Officer, ids: Sequence[str], act: Callable[[int], None]) -> list[float]:
    """Milliseconds from each act to the frame about it; one without a frame in time is left out."""
    spent = []
    for number, id in enumerate(ids):
        began = time.perf_counter()
        act(number)
        if officer.wait([id], ALERT_S):
            spent.append((officer.seen[id][0] - began) * 1e3)
        time.sleep(PAUSE_S)
    return spent


def _flood(officer: _Officer) -> tuple[int, float]:
    """How many of the flood's alerts had their frame, and the seconds until the last."""
    each = FLOOD // BATCHES
    for batch in range(BATCHES):
        officer.post(officer.transfers(f"flood-{batch}", WARM, f"before-{batch}"))
    batches = [officer.transfers(f"flood-{batch}", each, f"flood{batch}") for batch in range(BATCHES)]
    ids = [str(row["id"]) for batch in batches for row in batch]
    posts = [threading.Thread(target=officer.post, args=(batch,)) for batch in batches]
    began = time.perf_counter()
    for post in posts:
        post.start()
    for post in posts:
        post.join(FLOOD_S)
    officer.wait(ids, FLOOD_S)
    return sum(id in officer.seen for id in ids), time.perf_counter() - began


@contextmanager
def _trader(desk: Served, key: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=desk.address, headers={"authorization": f"Bearer {key}"}, timeout=60) as client:
        yield client


def _order(trader: httpx.Client, id: str) -> None:
    """One share of a stock, bought and sold in turn."""
    side = "sell" if int(id.partition("-")[2]) % 2 else "buy"
    ticket = {"account": "desk-1", "instrument": "XNAS:MSFT", "side": side, "quantity": 1, "client_id": id}
    trader.post("/v1/orders", json=ticket).raise_for_status()


def _at(spent: Sequence[float], share: float) -> float | None:
    """A quantile of sorted values in milliseconds; None for none."""
    return round(spent[min(len(spent) - 1, int(share * len(spent)))], 2) if spent else None
