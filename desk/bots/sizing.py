"""From a share to an order: how many whole lots, and whether they make a position smaller."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from desk.instruments import Instrument
from desk.orders import Side


class Change(NamedTuple):
    """What to trade: units (a whole multiple of the lot) and notional in minor units, rounded up."""

    side: Side
    quantity: Decimal
    notional: int
    reducing: bool


def size(share: float, most: int, unit: Decimal, held: Decimal, instrument: Instrument) -> Change | None:
    """The trade from `held` units to `share` of `most` minor units at `unit` minor units each; None for no whole lot.

    The share is taken as within [-1, 1]; one that is no number wants what is held. Without a positive
    price nothing is wanted.
    """
    if share != share or unit <= 0:
        return None
    bounded = Decimal(str(max(-1.0, min(1.0, share))))
    lots = (abs(bounded) * most / unit / instrument.lot).to_integral_value(ROUND_FLOOR)
    target = lots * instrument.lot * (1 if bounded >= 0 else -1)
    moved = target - held
    whole = (abs(moved) / instrument.lot).to_integral_value(ROUND_FLOOR) * instrument.lot
    if whole <= 0:
        return None
    after = held + whole * (1 if moved > 0 else -1)
    notional = int((whole * unit).to_integral_value(ROUND_CEILING))
    return Change(Side.BUY if moved > 0 else Side.SELL, whole, notional, abs(after) < abs(held) and after * held >= 0)
