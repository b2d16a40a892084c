"""A signed session with Binance: HMAC-SHA256 over the query, the venue's clock, request weights and error codes."""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections.abc import Mapping
from urllib.parse import urlencode

import structlog

from desk.errors import BrokerError, KeyRefused
from desk.trading.wire import Answer, Wire

NOT_FOUND, NOT_LISTED, DUPLICATE, LATE = (-2011, -2013, -2026), (-1121,), (-2010, -4116), -1021
_KEY_REFUSED = {-1002, -1022, -2008, -2014, -2015}
_NOT_DONE = {-1003, -1008, -1015, -1016}
_UNKNOWN_OUTCOME = {-1000, -1001, -1006, -1007}
_CLOCK_S = 600.0
MOST_WEIGHT = 5_400
"""Of 6,000 a minute; from here on nothing is sent until the minute is over."""


class BinanceSession:
    """Thread-safe. Raises BrokerError as `Wire` does; answers below 500 are returned, `good` reads them."""

    def __init__(self, key: str, secret: str, wire: Wire, window_ms: int) -> None:
        self.key, self._secret, self._wire = key, secret.encode(), wire
        self.window_ms = window_ms
        self._lock = threading.Lock()
        self._offset_ms, self._measured = 0.0, 0.0

    def public(self, path: str, params: Mapping[str, str]) -> Answer:
        """A call that needs no key."""
        return self._weighed(self._wire.call("GET", f"{path}?{urlencode(params)}", headers={}))

    def signed(self, method: str, path: str, params: Mapping[str, str]) -> Answer:
        """A signed call; once more with the venue's clock measured anew when it was out of time."""
        answer = self._signed(method, path, params)
        if _code(answer) == LATE:
            self.measure()
            answer = self._signed(method, path, params)
        return answer

    def sign(self, params: Mapping[str, str | int]) -> str:
        """The signature over the parameters in this sequence, unescaped as the WebSocket API wants it."""
        return self._mac("&".join(f"{name}={value}" for name, value in params.items()))

    def timestamp(self) -> str:
        """Now on the venue's clock, in milliseconds; measured first when it never was, or long ago."""
        if not self._measured or time.monotonic() - self._measured > _CLOCK_S:
            self.measure()
        return str(int(time.time() * 1000 + self._offset_ms))

    def measure(self) -> None:
        """Measures how far the venue's clock is from this machine's."""
        before = time.time()
        answer = self._wire.call("GET", "/api/v3/time", headers={})
        told = answer.field("serverTime")
        if not told.isdigit():
            raise BrokerError(
                f"{self._wire.name} does not tell its time; is the address right?", retry=True, sent=False
            )
        with self._lock:
            self._offset_ms = float(told) - (before + time.time()) * 500
            self._measured = time.monotonic()

    def good(self, answer: Answer) -> object:
        """The body of an answer; BrokerError for one that is none."""
        if answer.status < 400 and answer.body is not None:
            return answer.body
        code, words = self.read_error(answer)
        raise BrokerError(f"{self._wire.name}: {words} ({code})", retry=True, sent=False)

    def read_error(self, answer: Answer) -> tuple[int, str]:
        """Code and words of a refusal of this one request; BrokerError for what concerns all of them."""
        code, words = _code(answer), answer.field("msg")[:200]
        name = self._wire.name
        if code in _KEY_REFUSED or (answer.status == 401 and not code):
            message = f"{name} does not take the key ({code}); look at TENOR_BINANCE_KEY and TENOR_BINANCE_SECRET"
            raise KeyRefused(message)
        if code == LATE:
            message = f"{name} finds this machine's clock out of time, measured anew or not; set the clock"
            raise BrokerError(message, retry=True, sent=False)
        if code in _NOT_DONE:
            raise BrokerError(f"{name} is busy: {words} ({code})", retry=True, sent=False)
        if code in _UNKNOWN_OUTCOME or not code:
            raise BrokerError(f"{name} does not say what became of it: {words or answer.status} ({code})", retry=True)
        return code, words

    def _signed(self, method: str, path: str, params: Mapping[str, str]) -> Answer:
        query = urlencode({**params, "recvWindow": str(self.window_ms), "timestamp": self.timestamp()})
        headers = {"X-MBX-APIKEY": self.key}
        return self._weighed(self._wire.call(method, f"{path}?{query}&signature={self._mac(query)}", headers=headers))

    def _mac(self, text: str) -> str:
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()

    def _weighed(self, answer: Answer) -> Answer:
        used = answer.headers.get("X-MBX-USED-WEIGHT-1M", "")
        if used.isdigit() and int(used) >= MOST_WEIGHT:
            until = self._wire.pause(60.0 - time.time() % 60.0, f"has counted {used} of 6000 this minute: paused")
            structlog.get_logger("broker").warning("request weight", broker=self._wire.name, used=used, until=until)
        return answer


def _code(answer: Answer) -> int:
    text = answer.field("code") if answer.status >= 400 else ""
    return int(text) if text.lstrip("-").isdigit() else 0
