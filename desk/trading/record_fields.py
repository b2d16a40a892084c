"""What a journal record holds, read back as the desk's own types. DataError for what does not belong there."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from sys import intern

from desk.clock import from_iso
from desk.errors import DataError
from desk.orders import Fill, Side
from desk.trading.holdings import Holding


def fill_from(plain: Mapping[str, object]) -> Fill:
    """Restores a fill from `Fill.to_dict`; KeyError or ValueError when a field is missing or wrong."""
    return Fill(
        id=str(plain["id"]),
        client_id=str(plain["client_id"]),
        account=intern(str(plain["account"])),
        instrument=intern(str(plain["instrument"])),
        side=Side(str(plain["side"])),
        quantity=Decimal(str(plain["quantity"])),
        price_ticks=whole(plain["price_ticks"]),
        commission=whole(plain["commission"]),
        currency=intern(str(plain["currency"])),
        at=from_iso(str(plain["at"])),
        simulated=bool(plain["simulated"]),
        liquidity=str(plain.get("liquidity", "")),
        tick=Decimal(str(plain["tick"])) if "tick" in plain else None,
        priced_in=str(plain.get("priced_in", "")),
        trade=str(plain.get("trade", "")),
        other=str(plain.get("other", "")),
    )


def order_fields(plain: Mapping[str, object]) -> dict[str, str | int | None]:
    """The fields of `Order.to_dict`; what is no text or whole number stands as None."""
    return {key: value if isinstance(value, str | int) else None for key, value in plain.items()}


def holding_from(plain: Mapping[str, object]) -> Holding:
    """A holding of a seeded account; KeyError when a field is missing."""
    return Holding(Decimal(str(plain["quantity"])), Decimal(str(plain["cost"])))


def mapping(value: object) -> Mapping[str, object]:
    """Names and values; DataError for anything else."""
    if not isinstance(value, Mapping):
        raise DataError(f"a journal record holds {value!r} where names and values belong")
    return value


def whole(value: object) -> int:
    """A whole number; DataError for anything else."""
    if not isinstance(value, int):
        raise DataError(f"a journal record holds {value!r} where a whole number belongs")
    return value
