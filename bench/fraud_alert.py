"""`tenor bench run fraud_alert`: from what somebody does to the frame a compliance officer sees, in a running desk.

A desk in a process of its own, an officer's WebSocket, kept connections. 120 transfers are posted one by one, each of
an account that has slept for months and passes on what it just got, so each begins an alert of its own; timed from just
before the request is sent to the frame read, over HTTP, store, queue, score, bus and socket. Then 256 market orders of
one account that trades too fast: its orders and its fills are one alert each, told again whenever it has doubled, so
only the orders that were told of are timed (`order_frames`). Then 12,000 such transfers in two batches at once, more
than may wait. Correct when every alert of a transfer has its frame, once, and the frames of the orders' alerts reach
half of what these count in the end, one frame a count. `first_ms` is the first alert, before which the watch learns the
desk's past transfers.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from bench.report import Report
from bench.serving import Served, open_stream, serve_desk, sign_in
from desk.clock import from_iso, to_iso

TRANSFERS, ORDERS, FLOOD, BATCHES, POSTED = 120, 256, 12_000, 2, 6_000
ASLEEP = timedelta(days=100)
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
    """A signed-in officer; `seen` holds when each fraud frame came, by the payment that it came for, and `counts` how
    many payments each alert had, frame by frame.
    """

    def __init__(self, desk: Served) -> None:
        self.client = sign_in(desk, "compliance")
        self.seen: dict[str, list[float]] = {}
        self.counts: dict[str, list[int]] = {}
        self.now: datetime | None = None
        self._came: deque[tuple[float, str]] = deque()
        self._desk = desk
        self._listening = threading.Event()
        self.cut_off = ""

    def __enter__(self) -> _Officer:
        threading.Thread(target=self._listen, daemon=True).start()
        self._listening.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def put_to_sleep(self, tag: str, count: int) -> None:
        """Accounts that paid once, long ago, and got money hours ago; none of it stands out, and names stay few enough
        for a row of the score each.
        """
        now = self.now or datetime.min
        rows = [
            row
            for n in range(count)
            for row in (
                _row(f"{tag}-old-{n}", f"{tag}-{n}", f"shop-{n % 40}", 100, now - ASLEEP),
                _row(f"{tag}-in-{n}", f"{tag}-from-{n // 10}", f"{tag}-{n}", 9_000, now - timedelta(hours=5)),
            )
        ]
        for begin in range(0, len(rows), POSTED):
            self.post(rows[begin : begin + POSTED])

    def wake(self, tag: str, count: int) -> list[dict[str, object]]:
        """What these accounts then pay on, all of it."""
        at = (self.now or datetime.min) - timedelta(hours=4)
        return [_row(f"{tag}-out-{n}", f"{tag}-{n}", f"{tag}-to-{n % 40}", 9_000, at) for n in range(count)]

    def post(self, rows: Sequence[dict[str, object]]) -> None:
        """Hands transfers in."""
        self.client.post("/v1/fraud/transfers", json={"transfers": list(rows)}).raise_for_status()

    def told_of(self) -> dict[str, int]:
        """What the streaming alerts count now, by id: the newest 200."""
        found = self.client.get("/v1/fraud/streaming").raise_for_status().json()["alerts"]
        return {str(alert["id"]): int(alert["count"]) for alert in found}

    def wait(self, ids: Sequence[str], seconds: float) -> bool:
        """Whether all of these had their frame within so long."""
        ends, left = time.monotonic() + seconds, set(ids)
        while left and time.monotonic() < ends:
            time.sleep(0.001 if len(left) < 10 else 0.05)
            self.read()
            left = {id for id in left if id not in self.seen}
        return not left

    def _listen(self) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            with open_stream(self._desk, self.client) as socket:
                for text in socket:
                    if self._listening.is_set():
                        self._came.append((time.perf_counter(), str(text)))
                    elif (frame := json.loads(text))["type"] == "snapshot":
                        self.now = from_iso(next(c["time"] for c in frame["clocks"] if c["asset_class"] == "stock"))
                        self._listening.set()
        except ConnectionClosed as closed:
            self.cut_off = f"the desk ended the officer's socket: {closed}"

    def read(self) -> None:
        """Reads what came: apart from the listening, because a reader that lags behind is cut off."""
        while self._came:
            at, text = self._came.popleft()
            frame = json.loads(text)
            if frame["type"] == "fraud" and frame["kind"] == "streaming":
                self.seen.setdefault(str(frame["last"]), []).append(at)
                self.counts.setdefault(str(frame["id"]), []).append(int(frame["count"]))


def _measure(desk: Served, officer: _Officer, key: str) -> Report:
    officer.put_to_sleep("first", 1)
    began = time.perf_counter()
    officer.post(officer.wake("first", 1))
    officer.wait(["first-out-0"], ALERT_S)
    first = time.perf_counter() - began
    officer.put_to_sleep("one", TRANSFERS)
    rows = officer.wake("one", TRANSFERS)
    paid = _one_by_one(officer, [str(row["id"]) for row in rows], lambda n: officer.post([rows[n]]))
    with _trader(desk, key) as trader:
        traded, complete = _trade(officer, trader)
    alerts = sorted([*paid, *traded])
    flooded, lasted = _flood(officer)
    doubled = sum(len(times) > 1 for times in officer.seen.values())
    metrics: dict[str, float | None] = {
        "p50_ms": _at(alerts, 0.5),
        "p99_ms": _at(alerts, 0.99),
        "transfer_p50_ms": _at(sorted(paid), 0.5),
        "order_p50_ms": _at(sorted(traded), 0.5),
        "alerts": len(paid),
        "order_frames": len(traded),
        "first_ms": round(first * 1e3, 1),
        "flood_alerts": FLOOD,
        "flood_frames": flooded,
        "flood_s": round(lasted, 2),
        "doubled": doubled,
    }
    correct = len(paid) == TRANSFERS and complete and not doubled and flooded == FLOOD
    return Report("fraud_alert", correct, metrics, notes=[officer.cut_off] if officer.cut_off else [])


def _trade(officer: _Officer, trader: httpx.Client) -> tuple[list[float], bool]:
    """Milliseconds from an order to each frame that it or its fill brought, and whether no frame is missing."""
    sent: dict[str, float] = {}
    for n in range(ORDERS):
        sent[f"order:o-{n}"] = sent[f"fill:o-{n}:1"] = time.perf_counter()
        _order(trader, f"o-{n}")
        time.sleep(PAUSE_S)
    time.sleep(2.0)
    officer.read()
    spent = [(times[0] - sent[id]) * 1e3 for id, times in officer.seen.items() if id in sent]
    counted = {id: count for id, count in officer.told_of().items() if id.startswith(("order:", "fill:"))}
    told = {id: counts for id, counts in officer.counts.items() if id in counted}
    whole = bool(counted) and all(id in told and told[id][-1] * 2 > count for id, count in counted.items())
    return spent, whole and all(len(counts) == len(set(counts)) for counts in told.values())


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
        officer.put_to_sleep(f"flood{batch}", each)
    batches = [officer.wake(f"flood{batch}", each) for batch in range(BATCHES)]
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


def _row(id: str, source: str, target: str, amount: int, at: datetime) -> dict[str, object]:
    ends = {"source": source, "target": target}
    return {"id": id, **ends, "amount": str(amount), "currency": "USD", "time": to_iso(at)}


def _order(trader: httpx.Client, id: str) -> None:
    """One share of a stock, bought and sold in turn."""
    side = "sell" if int(id.partition("-")[2]) % 2 else "buy"
    ticket = {"account": "desk-1", "instrument": "XNAS:MSFT", "side": side, "quantity": 1, "client_id": id}
    trader.post("/v1/orders", json=ticket).raise_for_status()


def _at(spent: Sequence[float], share: float) -> float | None:
    """A quantile of sorted values in milliseconds; None for none."""
    return round(spent[min(len(spent) - 1, int(share * len(spent)))], 2) if spent else None
