"""Exact money and integer price ticks.

Money is an integer number of minor units of a currency (US cents, yen); prices are integer
multiples of an instrument's tick. `Decimal` appears only at the border; floats never do.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from desk.errors import InputError

MINOR_DIGITS: dict[str, int] = {"JPY": 0, "KRW": 0, "BTC": 8, "ETH": 8, "SOL": 8, "LTC": 8}
"""Minor-unit digits where they differ from two (ISO 4217; eight by convention for crypto)."""


LARGEST = Decimal(10) ** 15
"""No price, quantity or amount that comes in from outside reaches this."""


def minor_digits(currency: str) -> int:
    """How many decimal digits the currency's minor unit has."""
    return MINOR_DIGITS.get(currency, 2)


def minor_units(amount: Decimal, currency: str) -> int:
    """An amount in major units as whole minor units of the currency, rounded half to even."""
    return round(amount.scaleb(minor_digits(currency)))


@dataclass(frozen=True, order=False)
class Money:
    """An exact amount: `minor` units of `currency`. Amounts of two currencies never mix."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str) -> Money:
        """Rounds half to even at the currency's minor unit."""
        return cls(minor_units(Decimal(amount), currency), currency)

    @property
    def amount(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.minor).scaleb(-minor_digits(self.currency))

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __str__(self) -> str:
        return f"{self.currency} {self.amount:,}"

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")
        return other.minor


def parse_decimal(text: str | int | Decimal, what: str) -> Decimal:
    """A finite decimal from untrusted text; `what` names it in the error.

    Raises InputError for anything else (NaN, infinity, words, more than 40 characters).
    """
    plain = str(text)[:40].replace(",", "").strip()
    try:
        value = Decimal(plain if plain.isascii() and "_" not in plain else "")
    except InvalidOperation:
        raise InputError(f"{what} {str(text)[:40]!r} is not a number; give digits like 50 or 182.43") from None
    if not value.is_finite() or len(str(text)) > 40 or abs(value) >= LARGEST:
        raise InputError(f"{what} {str(text)[:40]!r} is not a finite number of sensible size; give digits like 50")
    return value


def to_ticks(price: Decimal, tick: Decimal, what: str = "price") -> int:
    """The price as a whole number of ticks; InputError when it does not lie on a tick."""
    ticks = price / tick
    if ticks != ticks.to_integral_value():
        raise InputError(f"{what} {price} is not a multiple of the tick {tick}")
    return int(ticks)
