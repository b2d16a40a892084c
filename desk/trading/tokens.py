"""The gate's token: proof that one order, exactly as it stands, passed the gate.

`EXPIRY.MAC`: expiry in Unix seconds of the wall clock, and HMAC-SHA256 (hexadecimal) over the
expiry and the order's canonical form. It covers the client id, which a venue places once, so a
token is good for one placement however often it is shown.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from desk.errors import Forbidden
from desk.hmac256 import Hmac256
from desk.orders import Order


class TokenSigner:
    """Issues and checks tokens with the key of the data folder (32 bytes)."""

    def __init__(self, key: bytes) -> None:
        self._mac256 = Hmac256(key)

    def issue(self, order: Order, now: datetime, life: timedelta) -> str:
        """A token for this order until `now + life` (whole seconds)."""
        expiry = int((now + life).timestamp())
        return f"{expiry}.{self._mac(order, expiry)}"

    def check(self, order: Order, token: str, now: datetime | None) -> None:
        """Returns when the token is this order's and has not lapsed.

        Raises Forbidden otherwise. `now` None skips the expiry (an order already at the venue).
        """
        expiry, _, mac = token.partition(".")
        if not expiry.isdigit() or not hmac.compare_digest(mac, self._mac(order, int(expiry))):
            raise Forbidden(f"order {order.client_id} carries no valid token of the gate; submit it there")
        if now is not None and now.timestamp() >= int(expiry):
            raise Forbidden(f"the gate's token of order {order.client_id} has lapsed; submit the order again")

    def _mac(self, order: Order, expiry: int) -> str:
        return self._mac256.digest(b"%d.%s" % (expiry, order.canonical)).hex()
