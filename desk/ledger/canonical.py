"""Canonical JSON: one text for one value, so that a hash or signature means the same everywhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import orjson

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode


def canonical_json(value: Mapping[str, object]) -> str:
    """Keys sorted, no spaces, UTF-8 text as it is.

    Raises ValueError for a float (write an exact decimal as text) and for text that UTF-8 cannot
    hold, TypeError for anything that JSON has no word for.
    """
    return canonical_bytes(value).decode()


def canonical_bytes(value: Mapping[str, object]) -> bytes:
    """`canonical_json` in UTF-8."""
    if type(value) is dict and _is_plain(value.values()):
        try:
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        except TypeError:  # a whole number of more than 64 bits, a key that is no text, half a character
            pass
    _refuse_floats(value)
    return _encode(value).encode()


_PLAIN = frozenset({str, int, bool, type(None)})


def _is_plain(parts: Iterable[object]) -> bool:
    """Whether these are exactly the types that both encoders write alike, all the way down."""
    for part in parts:
        if type(part) in _PLAIN:
            continue
        if type(part) is dict:
            if not _PLAIN.issuperset(map(type, part.values())) and not _is_plain(part.values()):
                return False
        elif (type(part) is not list and type(part) is not tuple) or not _is_plain(part):
            return False
    return True


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
