from __future__ import annotations

import hmac

from hypothesis import given
from hypothesis import strategies as st

from desk.hmac256 import Hmac256


@given(st.binary(max_size=200), st.binary(max_size=5_000))
def test_the_code_is_the_library_s(key, message):
    assert Hmac256(key).digest(message) == hmac.digest(key, message, "sha256")
