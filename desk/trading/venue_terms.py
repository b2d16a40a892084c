"""On which terms the simulated venue trades: how long the way to it is, what it charges, gives, refuses and lends.

Chance is drawn from the seed and the client id, never from the order of events: the same order meets
the same fate in every process, and again after a restart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal
from random import Random
from typing import Literal, NamedTuple

Liquidity = Literal["", "maker", "taker"]
WHOLE = 100
EVERYTHING_ELSE = "*"


class Fees(NamedTuple):
    """Basis points of the amount traded: of an order that rested, and of one that took what rested."""

    maker: Decimal
    taker: Decimal

    def exact(self, minor: Decimal, liquidity: str) -> Decimal:
        """The fee on an amount in minor units, not rounded; what rested unknown counts as taking."""
        return minor * (self.maker if liquidity == "maker" else self.taker) / 10_000


@dataclass(frozen=True)
class VenueTerms:
    """The terms; by default nothing is slowed, capped, refused or lent. `fees` None is the usual commission.

    `latency_ms` and up to `jitter_ms` more pass before an order or a cancel arrives. `take_pct` is the share of
    the lots shown that an order may take at one look. `reject_pct` is the chance of being turned away.
    `borrow` is the units of each instrument that can be borrowed (`*`: of all others; not named: none), None
    any number; `borrow_pct` what that costs a year.
    """

    latency_ms: int = 0
    jitter_ms: int = 0
    fees: Fees | None = None
    take_pct: int = WHOLE
    reject_pct: Decimal = Decimal(0)
    seed: int = 0
    borrow: Mapping[str, int] | None = field(default=None)
    borrow_pct: Decimal = Decimal(0)

    @property
    def slow(self) -> bool:
        """Whether orders need time to arrive."""
        return bool(self.latency_ms or self.jitter_ms)

    @property
    def plain(self) -> bool:
        """Whether the venue itself does nothing but match, at the usual commission."""
        return not (self.slow or self.fees or self.reject_pct) and self.take_pct == WHOLE

    def delay(self, what: str) -> timedelta:
        """How long this thing is on its way."""
        return timedelta(milliseconds=self.latency_ms + self._draw("delay", what) * self.jitter_ms)

    def rejects(self, client_id: str) -> bool:
        """Whether chance turns this order away."""
        return self._draw("reject", client_id) * 100 < self.reject_pct

    def lends(self, instrument: str) -> int | None:
        """Units that can be borrowed; None for any number."""
        if self.borrow is None:
            return None
        return self.borrow.get(instrument, self.borrow.get(EVERYTHING_ELSE, 0))

    def words(self) -> list[str]:
        """What differs from a venue that only matches, a sentence each; empty when nothing does."""
        told: list[str] = []
        if self.slow:
            told.append(f"latency {self.latency_ms} ms and up to {self.jitter_ms} ms more, order and cancel alike")
        if self.fees is not None:
            told.append(f"fees {self.fees.maker} bps for an order that rested, {self.fees.taker} bps for one that took")
        if self.take_pct != WHOLE:
            told.append(f"one order takes at most {self.take_pct} % of the lots shown at one look")
        if self.reject_pct:
            told.append(f"{self.reject_pct} % of orders are turned away at random, seed {self.seed}")
        if self.borrow is not None:
            named = ", ".join(f"{id} {units}" for id, units in sorted(self.borrow.items()) if id != EVERYTHING_ELSE)
            others = f"{self.borrow.get(EVERYTHING_ELSE, 0)} units of any other"
            told.append(f"short sales borrow at most: {named + '; ' if named else ''}{others}")
        if self.borrow_pct:
            told.append(f"borrowing costs {self.borrow_pct} % a year, charged each market day")
        return [f"simulated: {one}" for one in told]

    def _draw(self, what: str, name: str) -> float:
        return Random(f"{self.seed} {what} {name}").random()


USUAL = VenueTerms()
"""Nothing slowed, capped, refused or lent."""


def round_up(minor: Decimal) -> int:
    """Whole minor units, a part counts as one."""
    return int(minor.to_integral_value(ROUND_CEILING))
