"""Canonical JSON: one text for one value, so that a hash or signature means the same everywhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode


def canonical_json(value: Mapping[str, object]) -> str:
    """Keys sorted, no spaces, UTF-8 text as it is.

    Raises ValueError for a float (write an exact decimal as text) and TypeError for anything
    that JSON has no word for.
    """
    _refuse_floats(value)
    return _encode(value)


_PLAIN = frozenset({str, int, bool, type(None)})


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise ValueError(f"{value!r} is a float; a record holds integers and decimals as text")
    if isinstance(value, dict | Mapping):
        parts: Iterable[object] = value.values()
    elif isinstance(value, list | tuple):
        parts = value
    else:
        return
    for part in parts:
        if type(part) not in _PLAIN:
            _refuse_floats(part)
