"""When each asset class trades, and when its order books collect orders for an auction."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from desk.instruments import AssetClass

_STOCK_HOURS = (14 * 60 + 30, 21 * 60)
HOURS: dict[AssetClass, tuple[int, int]] = {
    AssetClass.STOCK: _STOCK_HOURS,
    AssetClass.INDEX: _STOCK_HOURS,
    AssetClass.BOND: (13 * 60, 22 * 60),
    AssetClass.COMMODITY: (0, 22 * 60),
    AssetClass.FOREX: (0, 24 * 60),
    AssetClass.CRYPTO: (0, 24 * 60),
}
"""Minutes of the UTC day at which trading opens and closes, per asset class (winter time)."""

CALLED = frozenset({AssetClass.STOCK, AssetClass.BOND, AssetClass.COMMODITY})
"""Asset classes whose books open and close by an auction; the others trade around the clock."""

OPENING_CALL_S, CLOSING_CALL_S = 30, 120
"""How long the opening auction collects after trading opens, and the closing one before it ends."""


def in_call(kind: AssetClass, at: datetime) -> bool:
    """Whether orders are collected instead of traded at this time: in an auction, and outside hours."""
    if kind not in CALLED:
        return False
    opens, closes = HOURS[kind]
    second = at.hour * 3600 + at.minute * 60 + at.second
    return not opens * 60 + OPENING_CALL_S <= second < closes * 60 - CLOSING_CALL_S


def continuous_trading(kind: AssetClass, day: date) -> tuple[datetime, datetime]:
    """When books trade on a day without collecting for an auction: from, and until."""
    opens, closes = HOURS[kind]
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    calls = (OPENING_CALL_S, CLOSING_CALL_S) if kind in CALLED else (0, 0)
    return (
        midnight + timedelta(minutes=opens, seconds=calls[0]),
        midnight + timedelta(minutes=closes, seconds=-calls[1]),
    )
