"""The wire to a source of data that is only read: prices, headlines, posts.

It keeps the source's pace, waits as long as the source asks, tries again after a failure or half an answer, and names
the setting in what it raises. Neither queries nor headers, where keys stand, come into an error or a log.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import httpx
import orjson
import structlog

from desk.clock import Clock
from desk.errors import BackEndUnreachable, DataError, Limited, NotAdmitted
from desk.store.whole import write_whole

TIMEOUT_S = 10.0
TRIES = 3
PAUSE_S, LONGEST_PAUSE_S = 60.0, 3 * 24 * 3600.0
MOST_BYTES = 50_000_000
_REFUSED, _BUSY = frozenset({401, 403}), frozenset({418, 429})


class Reply(NamedTuple):
    """A whole answer below 500 that is neither a limit nor a refused key."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Allowance:
    """At most so many requests a minute (evenly spaced) and a UTC day; the day's count survives a restart.

    `take` waits for the next turn, and raises Limited when the day is used up; zero is without limit.
    """

    def __init__(
        self,
        name: str,
        wall: Clock,
        *,
        per_minute: float = 0,
        per_day: int = 0,
        file: Path | None = None,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._wall, self._file = name, wall, file
        self._gap, self._per_day = 60.0 / per_minute if per_minute else 0.0, per_day
        self._sleep, self._clock = sleep, clock
        self._lock, self._next = threading.Lock(), 0.0
        self._day, self._used = self._read()

    def take(self) -> None:
        """One request's turn."""
        with self._lock:
            self._count()
            wait = self._next - self._clock()
            if wait > 0:
                self._sleep(wait)
            self._next = max(self._next, self._clock()) + self._gap

    def spend(self) -> None:
        """The source says that the day is used up, whatever was counted here."""
        with self._lock:
            self._day, self._used = self._today(), max(self._used, self._per_day)
            self._write()

    @property
    def used(self) -> int:
        """Requests of this UTC day."""
        return self._used if self._day == self._today() else 0

    def _count(self) -> None:
        if not self._per_day:
            return
        today = self._today()
        if today > self._day:  # a clock set back does not open the day again
            self._day, self._used = today, 0
        if self._used >= self._per_day:
            raise Limited(f"{self._name} has had its {self._per_day} requests of {self._day}", self._until_midnight())
        self._used += 1
        self._write()

    def _today(self) -> str:
        return self._wall.now().date().isoformat()

    def _until_midnight(self) -> float:
        now = self._wall.now()
        return ((now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0) - now).total_seconds()

    def _read(self) -> tuple[str, int]:
        try:
            kept = json.loads(self._file.read_bytes()) if self._file else {}
            return str(kept["day"]), int(kept["used"])
        except (OSError, ValueError, KeyError, TypeError):
            return "", 0

    def _write(self) -> None:
        if self._file:
            write_whole(self._file, json.dumps({"day": self._day, "used": self._used}).encode())


class SourceWire:
    """One source's session. Thread-safe. `setting` names its address and `key_setting` its key, for errors."""

    def __init__(
        self,
        name: str,
        base_url: str,
        setting: str,
        *,
        headers: Mapping[str, str] | None = None,
        key_setting: str = "",
        allowance: Allowance | None = None,
        timeout_s: float = TIMEOUT_S,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name, self.base_url, self._setting, self._key_setting = name, base_url.rstrip("/"), setting, key_setting
        self.allowance, self._sleep, self._clock = allowance, sleep, clock
        self._client = httpx.Client(
            headers=dict(headers or {}),
            timeout=httpx.Timeout(timeout_s, connect=min(4.0, timeout_s)),
            trust_env=False,
            follow_redirects=True,
        )
        self._paused_until, self._why = 0.0, ""

    def get(
        self,
        path: str,
        params: Mapping[str, str | int] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        whole: Callable[[bytes], bool] = bool,
    ) -> Reply:
        """The answer at a path below the base address, or at a whole address.

        `whole` says whether a body is all there: half of one counts as a failed try. Limited when the source asks to
        wait, NotAdmitted for a refused key, BackEndUnreachable when it failed in all tries, DataError for an answer
        that is too long.
        """
        why = ""
        for attempt in range(TRIES):
            if attempt:
                self._sleep(0.5 * 2.0 ** (attempt - 1))
            self._check_pause()
            if self.allowance:
                self.allowance.take()
            try:
                found = self._ask(path, params, headers)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                why = type(error).__name__
                continue
            if found.status < 500 and (found.status != 200 or whole(found.body)):
                return found
            why = f"HTTP {found.status}" if found.status >= 500 else "half an answer"
        hint = f"; look at {self._setting} and the network" if self._setting else ""
        raise BackEndUnreachable(f"{self.name} did not answer {_bare(path)} in {TRIES} tries ({why}){hint}")

    def json(self, path: str, params: Mapping[str, str | int] | None = None) -> tuple[int, object]:
        """Status and JSON of an answer; raises as `get` does, DataError for an answer below 500 that is no JSON."""
        found = self.get(path, params, whole=_is_json)
        try:
            return found.status, orjson.loads(found.body)
        except orjson.JSONDecodeError:
            raise DataError(f"{self.name} answered {_bare(path)} with HTTP {found.status} and no JSON") from None

    def pause(self, seconds: float, why: str) -> Limited:
        """Asks nothing for so long; the error to raise."""
        seconds = min(max(seconds, 0.0), LONGEST_PAUSE_S)
        self._paused_until, self._why = max(self._paused_until, self._clock() + seconds), why
        structlog.get_logger("wire").warning("told to wait", source=self.name, why=why, seconds=seconds)
        return Limited(f"{self.name} {why}; it is asked again in {seconds:.0f} s", seconds)

    def close(self) -> None:
        """Ends the session."""
        self._client.close()

    def _ask(self, path: str, params: Mapping[str, str | int] | None, headers: Mapping[str, str] | None) -> Reply:
        address = path if "://" in path else f"{self.base_url}{path}"
        asked = dict(params) if params else None
        with self._client.stream("GET", address, headers=dict(headers or {}), params=asked) as answer:
            pieces, size = list[bytes](), 0
            for piece in answer.iter_bytes():
                pieces.append(piece)
                size += len(piece)
                if size > MOST_BYTES:
                    raise DataError(f"{self.name} answered {_bare(path)} with more than {MOST_BYTES:,} bytes")
        self._judge(answer)
        return Reply(answer.status_code, answer.headers, b"".join(pieces))

    def _judge(self, answer: httpx.Response) -> None:
        if answer.status_code in _BUSY:
            raise self.pause(_asked_pause(answer.headers), "asks for fewer requests")
        if answer.status_code in _REFUSED and self._key_setting:
            raise NotAdmitted(f"{self.name} does not take the key of {self._key_setting}; correct it or unset it")
        if answer.status_code == 403:
            raise self.pause(PAUSE_S, "turns this machine away (HTTP 403)")

    def _check_pause(self) -> None:
        left = self._paused_until - self._clock()
        if left > 0:
            raise Limited(f"{self.name} {self._why}; it is asked again in {left:.0f} s", left)


def _asked_pause(headers: Mapping[str, str]) -> float:
    """Seconds of `Retry-After`, or until the instant of `x-rate-limit-reset`; else a minute."""
    given, resets = headers.get("Retry-After", ""), headers.get("x-rate-limit-reset", "")
    if given.isdigit():
        return float(given)
    return max(1.0, int(resets) - datetime.now(UTC).timestamp()) if resets.isdigit() else PAUSE_S


def _is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


def _bare(path: str) -> str:
    """A path without its query, which may hold a key."""
    return path.partition("?")[0]
