"""From target weights to orders: whole lots, sells before buys, never more cash than there is.

What is invested stays invested: the weights apply to the value of the holdings, and cash stays cash.
Buys are paid from cash that is there already; what the sells bring in counts only once they have filled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

from desk.orders import Side

BAND = Decimal("0.005")
BUFFER = Decimal("0.02")
COSTS = Decimal("0.0015")
"""Drift that is left alone, cash kept back (both shares of the account), and what a buy may cost on top."""


class Leg(NamedTuple):
    """An instrument that may be traded: base currency per unit, smallest step, units held."""

    instrument: str
    unit: Decimal
    lot: Decimal
    held: Decimal


class Trade(NamedTuple):
    """One order to place; `quantity` is positive and whole lots."""

    instrument: str
    side: Side
    quantity: Decimal


@dataclass(frozen=True)
class Rebalance:
    """Sells, then buys. `within_band` were close enough; `short_of` is the cash that was missing for full buys."""

    trades: tuple[Trade, ...]
    within_band: tuple[str, ...]
    short_of: Decimal


def build_trades(
    legs: Sequence[Leg], weights: Mapping[str, float], cash: Decimal, *, band: Decimal = BAND, buffer: Decimal = BUFFER
) -> Rebalance:
    """The trades from what is held to the weights; an instrument without a weight is sold.

    `cash` is what is free to spend in the base currency. Buys together with their costs leave at least
    `buffer` of the account's value; when the cash does not reach, all buys shrink by the same share.
    """
    invested = sum((leg.held * leg.unit for leg in legs), Decimal(0))
    sells: list[Trade] = []
    wishes: list[tuple[Leg, Decimal]] = []
    still: list[str] = []
    for leg in legs:
        target = _lots(Decimal(repr(weights.get(leg.instrument, 0.0))) * invested / leg.unit, leg.lot)
        change = target - leg.held
        if abs(change) * leg.unit < band * invested and target > 0:
            still.append(leg.instrument)
        elif change < 0:
            sold = _lots(-change, leg.lot)
            sells += [Trade(leg.instrument, Side.SELL, sold)] if sold else []
        elif change > 0:
            wishes.append((leg, change))
    buys, short_of = _affordable(wishes, cash - buffer * (cash + invested))
    return Rebalance((*sells, *buys), tuple(still), short_of)


def _affordable(wishes: list[tuple[Leg, Decimal]], room: Decimal) -> tuple[list[Trade], Decimal]:
    wanted = sum((change * leg.unit for leg, change in wishes), Decimal(0)) * (1 + COSTS)
    if not wanted:
        return [], Decimal(0)
    share = min(Decimal(1), max(Decimal(0), room) / wanted)
    sized = [Trade(leg.instrument, Side.BUY, _lots(change * share, leg.lot)) for leg, change in wishes]
    return [trade for trade in sized if trade.quantity], max(Decimal(0), wanted - max(Decimal(0), room))


def _lots(units: Decimal, lot: Decimal) -> Decimal:
    return (units / lot).to_integral_value(ROUND_FLOOR) * lot
