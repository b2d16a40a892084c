"""Pre-trade limits as data: what the gate compiles its rules from (see `desk.risk.rules`).

Amounts are integer minor units of the table's base currency, quantities whole units, rates per
second of the wall clock. No agent can change or override a table.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Literal

from desk.errors import InputError
from desk.ledger.canonical import canonical_json

AccountKind = Literal["desk", "customer"]


@dataclass(frozen=True)
class AccountLimits:
    """Limits of one kind of account, amounts in minor units of the base currency.

    `max_short` bounds the market value of all shorts (0: nothing may be sold that is not held);
    `credit` is what may be spent beyond cash; `max_leverage_pct` bounds gross exposure as a share of
    equity (100: no leverage); `max_daily_loss` stops orders that open once the day has lost as much;
    `max_var` bounds the account's one-day 99 % value at risk after the trade; `max_order_rate` is
    orders a second.
    """

    max_position: int
    max_gross_exposure: int
    max_short: int
    credit: int
    max_net_exposure: int = 10_000_000_00
    max_leverage_pct: int = 400
    max_daily_loss: int = 250_000_00
    max_var: int = 500_000_00
    max_order_rate: int = 50_000


@dataclass(frozen=True)
class InstrumentLimits:
    """Limits of one instrument, where it has its own: units an order, and position in minor units."""

    max_order_quantity: int
    max_position: int


@dataclass(frozen=True)
class LimitTable:
    """All limits of a desk. `version` names exactly these values.

    `market_buffer_bps` is added to a market buy's cost, because it may pay more than the quote;
    `price_band_bps` is how far a limit or stop price may stand from the quote (the collar);
    `max_desk_exposure` bounds gross exposure over all accounts, `instruments` overrides by id.
    """

    base: str = "USD"
    max_order_quantity: int = 100_000
    max_order_notional: int = 500_000_00
    max_desk_exposure: int = 50_000_000_00
    price_band_bps: int = 1_000
    market_buffer_bps: int = 10
    desk: AccountLimits = field(default=AccountLimits(2_000_000_00, 10_000_000_00, 1_000_000_00, 0))
    customer: AccountLimits = field(
        default=AccountLimits(
            1_000_000_00, 2_000_000_00, 0, 0, max_leverage_pct=200, max_daily_loss=100_000_00, max_order_rate=100
        )
    )
    instruments: Mapping[str, InstrumentLimits] = field(default_factory=dict)

    @cached_property
    def version(self) -> str:
        """The first 12 hexadecimal digits of the SHA-256 of all values."""
        return hashlib.sha256(canonical_json(asdict(self)).encode()).hexdigest()[:12]

    def account(self, kind: AccountKind) -> AccountLimits:
        """The limits of a kind of account."""
        return self.desk if kind == "desk" else self.customer


_NUMBERS = (
    "max_order_quantity", "max_order_notional", "max_desk_exposure", "price_band_bps", "market_buffer_bps",
)  # fmt: skip


def load_limits(plain: Mapping[str, object]) -> LimitTable:
    """The default table with the given values put over it (amounts in minor units).

    Raises InputError for an unknown name or a value that is not a whole number of at least 0.
    """
    given = dict(plain)
    usual = LimitTable()
    base = str(given.pop("base", usual.base))
    desk = _account_limits("desk", given.pop("desk", {}), usual.desk)
    customer = _account_limits("customer", given.pop("customer", {}), usual.customer)
    instruments = _instrument_limits(given.pop("instruments", {}), usual)
    numbers = {name: _whole(name, value, _NUMBERS) for name, value in given.items()}
    return LimitTable(base=base, desk=desk, customer=customer, instruments=instruments, **numbers)


def _instrument_limits(plain: object, usual: LimitTable) -> dict[str, InstrumentLimits]:
    if not isinstance(plain, Mapping):
        raise InputError(f"instrument limits are {plain!r}; give ids, each with names and amounts")
    names = ("max_order_quantity", "max_position")
    open_ = InstrumentLimits(usual.max_order_quantity, max(usual.desk.max_position, usual.customer.max_position))
    found = {}
    for id, values in plain.items():
        if not isinstance(values, Mapping):
            raise InputError(f"limits of {id} are {values!r}; give names and amounts, such as max_position: 0")
        numbers = {str(name): _whole(f"{id}.{name}", value, names) for name, value in values.items()}
        found[str(id)] = replace(open_, **numbers)
    return found


def _account_limits(kind: str, plain: object, usual: AccountLimits) -> AccountLimits:
    if not isinstance(plain, Mapping):
        raise InputError(f"limits of {kind} are {plain!r}; give names and amounts, such as max_short: 0")
    names = tuple(asdict(usual))
    return replace(usual, **{str(name): _whole(f"{kind}.{name}", value, names) for name, value in plain.items()})


def _whole(name: str, value: object, known: tuple[str, ...]) -> int:
    if name.rpartition(".")[2] not in known:
        raise InputError(f"limit {name!r} is not known; the names are {', '.join(sorted(known))}")
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InputError(f"limit {name} is {value!r}; give a whole number of at least 0 (money in minor units)")
    return value
