"""The wire to SEC EDGAR: a declared user agent, at most ten requests a second, back-off, conditional requests, a cache.

The archive forbids more than ten requests a second and answers 403 or 429 to who is not declared or too fast. What
was read once is kept on disk with its validators and asked for again by condition; what never changes (a document of
an accession) is not asked for again at all. A body that broke off is never returned: its part waits on disk, and the
next try, of this process or a later one, asks for the rest of the same body.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
import structlog

from desk.errors import BackEndUnreachable, DataError, NotFound
from desk.filings.download import read_part, take_body
from desk.store.whole import write_whole

PER_SECOND = 9
"""Requests begun a second: below the ten that the archive allows, for clocks differ."""

TRIES = 5
PAUSE_S, LONGEST_PAUSE_S = 1.0, 120.0
TIMEOUT_S = 30.0
_AGAIN = frozenset({403, 408, 416, 425, 429})


class _Kept(NamedTuple):
    """A body on disk and what to ask with."""

    body: bytes
    etag: str
    modified: str


class _Answer(NamedTuple):
    """One whole answer."""

    status: int
    headers: httpx.Headers
    body: bytes


class EdgarWire:
    """One declared session. Thread-safe: threads wait for their turn.

    `base_url` replaces all three hosts of EDGAR (a local server, a proxy); empty means the SEC's own. `sleep` and
    `clock` are seconds of the waiting between requests; tests give their own. `TENOR_EDGAR_USER_AGENT` is named in
    errors.
    """

    def __init__(
        self,
        user_agent: str,
        cache: Path,
        base_url: str = "",
        *,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base, self._cache = base_url.rstrip("/"), cache
        self._sleep, self._clock = sleep, clock
        self._client = httpx.Client(
            headers={"User-Agent": user_agent, "Accept-Encoding": "gzip"},
            timeout=httpx.Timeout(TIMEOUT_S, connect=5.0),
            trust_env=False,
            follow_redirects=True,
        )
        self._turn = threading.Lock()
        self._next = 0.0

    def get(
        self, url: str, *, lasting: bool = False, whole: Callable[[bytes], bool] = bool, tries: int = TRIES
    ) -> bytes:
        """The body at the SEC's address `url`.

        `lasting`: it never changes, so a kept one is returned without a request. `whole` says whether a body is all
        there; half of one counts as a failed try. One that broke off is continued by range where its validator and the
        server allow, else it begins again. NotFound for 404, BackEndUnreachable when EDGAR
        refuses, fails or sends halves `tries` times over, DataError for a body that is too large.
        """
        kept = self._read(url)
        if kept is not None and lasting:
            return kept.body
        pause, why = 0.0, ""
        for attempt in range(tries):
            if pause:
                self._sleep(pause)
            pause = min(PAUSE_S * 2.0**attempt, LONGEST_PAUSE_S)
            try:
                answer = self._ask(url, kept)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                why = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
                continue
            if answer.status == 304 and kept is not None:
                return kept.body
            if answer.status == 200 and whole(answer.body):
                self._write(url, answer)
                return answer.body
            why, asked = _judge(answer, url)
            pause = min(max(pause, asked), LONGEST_PAUSE_S)
        raise BackEndUnreachable(f"EDGAR did not give {_bare(url)} in {tries} tries ({why}); try again later")

    def close(self) -> None:
        """Ends the session."""
        self._client.close()

    def _address(self, url: str) -> str:
        if not self._base:
            return url
        parts = urlsplit(url)
        return f"{self._base}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    def _ask(self, url: str, kept: _Kept | None) -> _Answer:
        asked: dict[str, str] = {}
        if kept is not None and kept.etag:
            asked["If-None-Match"] = kept.etag
        if kept is not None and kept.modified:
            asked["If-Modified-Since"] = kept.modified
        place = self._place(url).with_suffix(".part")
        self._wait_for_turn()
        with self._client.stream("GET", self._address(url), headers=asked | read_part(place).headers()) as answer:
            body = take_body(answer, place, _bare(url))
        return _Answer(200 if answer.status_code == 206 else answer.status_code, answer.headers, body)

    def _wait_for_turn(self) -> None:
        with self._turn:
            wait = self._next - self._clock()
            if wait > 0:
                self._sleep(wait)
            self._next = max(self._next, self._clock()) + 1.0 / PER_SECOND

    def _place(self, url: str) -> Path:
        name = hashlib.sha256(url.encode()).hexdigest()
        return self._cache / name[:2] / name

    def _read(self, url: str) -> _Kept | None:
        """What is kept of the address, when whole."""
        place = self._place(url)
        try:
            about = json.loads(place.with_suffix(".json").read_bytes())
            body = gzip.decompress(place.with_suffix(".gz").read_bytes())
            whole = hashlib.sha256(body).hexdigest() == about["sha256"]
            return _Kept(body, str(about["etag"]), str(about["modified"])) if whole else None
        except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error):
            return None

    def _write(self, url: str, answer: _Answer) -> None:
        """Keeps a whole body; a full disk only costs the cache."""
        place, body = self._place(url), answer.body
        about = {
            "url": url,
            "etag": answer.headers.get("ETag", ""),
            "modified": answer.headers.get("Last-Modified", ""),
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        try:
            write_whole(place.with_suffix(".gz"), gzip.compress(body, 5, mtime=0))
            write_whole(place.with_suffix(".json"), json.dumps(about).encode())
        except OSError as error:
            structlog.get_logger("edgar").warning("not kept", path=_bare(url), why=str(error))


def _judge(answer: _Answer, url: str) -> tuple[str, float]:
    """Why to try again and how long EDGAR asks to wait; raises where trying again is in vain."""
    status = answer.status
    if status == 200:
        return "half a body", 0.0
    if status == 404:
        raise NotFound(f"EDGAR has nothing at {_bare(url)}; check the company, accession and name")
    if status < 500 and status not in _AGAIN:
        raise DataError(f"EDGAR answered HTTP {status} for {_bare(url)}; check the company and accession")
    given = answer.headers.get("Retry-After", "")
    structlog.get_logger("edgar").warning("told to wait", status=status, path=_bare(url))
    why = ": too many requests, or TENOR_EDGAR_USER_AGENT names no contact" if status == 403 else ""
    return f"HTTP {status}{why}", float(given) if given.isdigit() else 0.0


def _bare(url: str) -> str:
    return urlsplit(url).path
