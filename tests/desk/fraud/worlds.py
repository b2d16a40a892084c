"""Small towns of transfers to hide patterns in, and the desk's own seeded world."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from desk.fraud.alerts import Alert
from desk.fraud.graph import Transfer, columns_of
from desk.fraud.local import LocalGraph
from desk.fraud.patterns import scan
from desk.fraud.world import build_world

END = datetime(2022, 12, 28, 13, 30, tzinfo=UTC)
WEEK = timedelta(days=7)


def pay(source: str, target: str, amount: float, at: datetime) -> Transfer:
    return Transfer(f"{source}>{target}@{at:%m%dT%H%M}-{amount}", source, target, round(amount * 100), "USD", at)


def town(*, plants: tuple[str, ...] = (), seed: int = 7) -> list[Transfer]:
    return build_world(seed, 240, 120, END, plants)


def found(transfers: list[Transfer], least: float = 0.75) -> list[Alert]:
    return [alert for alert in scan(LocalGraph(columns_of(transfers))) if alert.score >= least]


def hidden(extra: list[Transfer]) -> list[Alert]:
    """The alerts of a quiet town in which `extra` happens."""
    return found([*town(), *extra])
