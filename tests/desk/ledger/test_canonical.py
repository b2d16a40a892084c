from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.ledger.canonical import canonical_bytes, canonical_json
from desk.orders import Side

text = st.text(st.characters(codec="utf-8"), max_size=12)
plain = st.none() | st.booleans() | st.integers(-(1 << 70), 1 << 70) | text | st.sampled_from(Side)
values = st.recursive(plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4))
bodies = st.dictionaries(text, values, max_size=6)


def reference(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@given(bodies)
def test_every_value_is_written_as_the_standard_library_would(body: dict[str, Any]) -> None:
    assert canonical_bytes(body) == reference(body)
    assert canonical_json(body).encode() == canonical_bytes(body)


def test_control_signs_quotes_and_tuples_are_written_alike() -> None:
    body = {"a": "".join(map(chr, range(0x180))) + "\u2028\U0001f600", "b": (1, ("x", None)), "c": {"z": {}, "a": []}}
    assert canonical_bytes(body) == reference(body)


@pytest.mark.parametrize("nested", [1.5, float("nan"), [1, [2.0]], {"a": {"b": 0.1}}, ({"a": -0.0},)])
def test_a_float_is_refused_however_deep(nested: object) -> None:
    with pytest.raises(ValueError, match="is a float"):
        canonical_bytes({"x": nested})


@pytest.mark.parametrize("odd", [Decimal(1), b"x", {1, 2}, object()])
def test_what_json_has_no_word_for_is_refused(odd: object) -> None:
    with pytest.raises(TypeError):
        canonical_bytes({"x": odd})


def test_half_a_character_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        canonical_bytes({"x": "\ud800"})
