"""What an account starts with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from desk.risk.limits import AccountKind


class Lot(NamedTuple):
    """Units held at the start and their average cost per unit in the instrument's currency."""

    quantity: Decimal
    cost: Decimal


@dataclass(frozen=True)
class Seed:
    """An account's opening: cash in minor units per currency, holdings by instrument id."""

    account: str
    kind: AccountKind
    currency: str
    cash: Mapping[str, int]
    holdings: Mapping[str, Lot] = field(default_factory=dict)

    def to_dict(self) -> dict[str, object]:
        """Plain values for the journal."""
        return {
            "kind": self.kind,
            "currency": self.currency,
            "cash": dict(self.cash),
            "holdings": {
                id: {"quantity": str(lot.quantity), "cost": str(lot.cost)} for id, lot in self.holdings.items()
            },
        }
