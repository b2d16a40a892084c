"""Brokers before made-up venues, quick enough for tests; the keys are made-up words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from desk.clock import FrozenClock
from desk.orders import Order
from desk.trading.alpaca import AlpacaBroker
from desk.trading.binance import BinanceBroker
from desk.trading.tokens import TokenSigner
from tests.desk.trading.fake_feed import START, FakeFeed
from tests.venues import alpaca_server, binance_server

SIGNER = TokenSigner(bytes(32))


def token(order: Order, life: float = 1) -> str:
    return SIGNER.issue(order, START, timedelta(hours=life))


def settings(url: str, more: dict[str, Any]) -> dict[str, Any]:
    feed = more.pop("feed", None) or FakeFeed()
    made = {"instruments": feed.instruments, "signer": SIGNER, "market": feed, "wall": FrozenClock(START),
            "base_url": url, "timeout_s": 2.0, "catch_up_s": 1.0, "ping_s": 2.0}  # fmt: skip
    return {**made, **more}


def build_binance(
    url: str, key: str = binance_server.KEY, secret: str = binance_server.SECRET, **more
) -> BinanceBroker:
    return BinanceBroker(key, secret, **settings(url, {"window_ms": 300, **more}))


def build_alpaca(url: str, key: str = alpaca_server.KEY, secret: str = alpaca_server.SECRET, **more) -> AlpacaBroker:
    return AlpacaBroker(key, secret, **settings(url, more))
