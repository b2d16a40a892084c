"""One digest for one state: two books that hold the same are known to by 64 characters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256

from desk.clock import to_iso
from desk.ledger.canonical import canonical_bytes


def state_hash(state: Mapping[str, object]) -> str:
    """SHA-256, hexadecimal, over the canonical JSON of plain values and dataclasses, however nested.

    Names are sorted, lists keep their order, fields that no comparison counts are left out; a decimal
    counts as it is written ("1.0" is not "1").
    """
    return sha256(canonical_bytes({name: _plain(value) for name, value in state.items()})).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value) if field.compare}
    if isinstance(value, datetime):
        return to_iso(value)
    return str(value) if isinstance(value, Decimal | date) else value
