"""What a simulated trade costs: the commission of the house's simulated venue and half the spread."""

from __future__ import annotations

from typing import NamedTuple

from desk.instruments import AssetClass

COMMISSION_BPS = 1.0
LEAST_COMMISSION = 0.35
HALF_SPREAD_BPS: dict[AssetClass, float] = {
    AssetClass.STOCK: 2.0,
    AssetClass.INDEX: 2.0,
    AssetClass.BOND: 12.0,
    AssetClass.COMMODITY: 4.0,
    AssetClass.FOREX: 1.0,
    AssetClass.CRYPTO: 6.0,
}
"""Half the replayed spread, and about as much again for slippage."""


class Costs(NamedTuple):
    """Commission in basis points of the value, at least `least` per trade; half the spread in basis points."""

    commission_bps: float
    least: float
    half_spread_bps: float

    def commission(self, value: float) -> float:
        """The commission of a trade of this value; nothing for no trade."""
        return max(self.least, value * self.commission_bps / 10_000) if value else 0.0

    def price(self, close: float, side: int) -> float:
        """What is paid (side +1) or received (side -1) per unit around a close."""
        return close * (1 + side * self.half_spread_bps / 10_000)


def costs_of(asset_class: AssetClass) -> Costs:
    """The usual costs of a kind of instrument."""
    return Costs(COMMISSION_BPS, LEAST_COMMISSION, HALF_SPREAD_BPS[asset_class])
