"""The wire to a venue: one HTTP session that knows what a failure means for an order.

A request that certainly did not arrive fails with `sent=False`; one that may have arrived (cut,
timed out, an error of the server's own) with `sent=True`, and its caller must look before it says
anything; a question that only reads acts on nothing, whatever becomes of it. After the venue asked
for a pause nothing is sent until it is over. Neither addresses' queries nor headers, where keys
stand, come into an error or a log.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import httpx
import structlog

from desk.errors import BrokerError

TIMEOUT_S = 8.0
PAUSE_S = 60.0
LONGEST_PAUSE_S = 3 * 24 * 3600.0
_BUSY, _BANNED = 429, 418
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class Answer(NamedTuple):
    """What the venue answered: `body` is its JSON, None when there was none."""

    status: int
    body: object
    headers: Mapping[str, str]

    def field(self, name: str) -> str:
        """A field of a body that is an object, as text; empty when it has none."""
        found = self.body.get(name) if isinstance(self.body, dict) else None
        return "" if found is None else str(found)


class Wire:
    """One venue's session. Thread-safe. `setting` is the variable that names its address."""

    def __init__(self, name: str, base_url: str, setting: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self.name, self._setting = name, setting
        self._client = httpx.Client(
            base_url=base_url.rstrip("/"),
            timeout=httpx.Timeout(timeout_s, connect=min(4.0, timeout_s)),
            trust_env=False,
        )
        self._paused_until, self._why = 0.0, ""

    def call(self, method: str, path: str, *, headers: Mapping[str, str], body: object = None) -> Answer:
        """One request. Raises BrokerError (`retry`, `sent` as in the module); every answer below 500 is returned.

        429 and 418 raise too, and pause the wire for as long as the venue asks.
        """
        self._check_pause()
        acts = method != "GET"
        try:
            sent = self._client.request(method, path, headers=dict(headers), json=body)
        except _UNSENT as error:
            message = f"{self.name} does not answer ({type(error).__name__}); look at {self._setting} and the network"
            raise BrokerError(message, retry=True, sent=False) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            message = f"{self.name} gave no answer to {method} {_bare(path)} ({type(error).__name__})"
            raise BrokerError(message, retry=True, sent=acts) from None
        if sent.status_code in (_BUSY, _BANNED):
            raise self._told_to_wait(sent)
        if sent.status_code >= 500:
            message = f"{self.name} failed at {method} {_bare(path)} (HTTP {sent.status_code})"
            raise BrokerError(message, retry=True, sent=acts)
        return Answer(sent.status_code, _json(sent), sent.headers)

    def pause(self, seconds: float, why: str) -> str:
        """Sends nothing for so long; returns until when, in words."""
        seconds = min(max(seconds, 0.0), LONGEST_PAUSE_S)
        self._paused_until, self._why = max(self._paused_until, time.monotonic() + seconds), why
        return self._until()

    def close(self) -> None:
        """Closes the session; a later call fails."""
        self._client.close()

    def _told_to_wait(self, sent: httpx.Response) -> BrokerError:
        given, resets = sent.headers.get("Retry-After", ""), sent.headers.get("X-RateLimit-Reset", "")
        if not given.isdigit() and resets.isdigit():  # an instant, in Unix seconds
            given = str(max(1, int(resets) - int(time.time())))
        why = "has banned this address" if sent.status_code == _BANNED else "asks for fewer requests"
        until = self.pause(float(given) if given.isdigit() else PAUSE_S, why)
        structlog.get_logger("broker").warning("told to wait", broker=self.name, why=why, until=until)
        return BrokerError(f"{self.name} {why} until {until}", retry=True, sent=False)

    def _check_pause(self) -> None:
        if time.monotonic() < self._paused_until:
            raise BrokerError(f"{self.name} {self._why} until {self._until()}", retry=True, sent=False)

    def _until(self) -> str:
        at = datetime.fromtimestamp(time.time() + max(0.0, self._paused_until - time.monotonic()), UTC)
        return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _bare(path: str) -> str:
    """A path without its query, which may hold a signature."""
    return path.partition("?")[0]


def _json(sent: httpx.Response) -> object:
    try:
        return json.loads(sent.content) if sent.content else None
    except ValueError:
        return None
