"""What the gate answers: every rule's reading, every clamp, and the refusal if there is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from desk.errors import Conflict, Halted, OrderRefused, TenorError
from desk.orders import Check, Clamp, Order, OrderStatus
from desk.risk.rules import Reading

ComplianceRule = Callable[[Order], Check]
"""Judges one order; must not raise, must not change anything. A check that is not ok refuses."""

Route = Literal["venue", "broker"]
"""`venue`: matched in process at once. `broker`: through the outbox to the broker."""


@dataclass(frozen=True)
class Refusal:
    """Why an order may not go; `limit` and `value` are in the rule's own unit, as text."""

    kind: Literal["refused", "halted", "conflict"]
    rule: str
    limit: str
    value: str
    message: str

    def error(self) -> TenorError:
        """The exception that `submit` raises."""
        if self.kind == "conflict":
            return Conflict(self.message)
        refused = Halted if self.kind == "halted" else OrderRefused
        return refused(self.message, rule=self.rule, limit=self.limit, value=self.value)


class Estimate(NamedTuple):
    """What the order would trade at and cost now.

    `price_ticks` is the reference price, `notional` base minor units, `commission` minor units
    of `currency` (the instrument's).
    """

    price_ticks: int
    notional: int
    commission: int
    currency: str


class Decision(NamedTuple):
    """The gate's answer. `order` is the order as it would go (after clamps).

    `status` and `seq` (the journal record) are set once the order exists; `repeated` says that
    it existed before, `held` that it passes but waits for a second person and does not exist. A
    refused order has `refusal` and no status.
    """

    order: Order
    rules: tuple[Check, ...] = ()
    readings: tuple[Reading, ...] = ()
    clamps: tuple[Clamp, ...] = ()
    refusal: Refusal | None = None
    estimate: Estimate | None = None
    status: OrderStatus | None = None
    seq: int | None = None
    repeated: bool = False
    held: bool = False

    @property
    def ok(self) -> bool:
        """Whether the order may go, or went."""
        return self.refusal is None

    @property
    def checks(self) -> list[Check]:
        """Every rule in words: compliance first, then the limits."""
        return [*self.rules, *(reading.check() for reading in self.readings)]
