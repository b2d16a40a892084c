"""The headlines in the box: written for the demonstration, not real news."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from desk.errors import DataError
from desk.news.feed import Headline

FILE = Path(__file__).parent / "data" / "headlines.txt"
LABEL = "written for the demonstration, not real news"
_SOURCES = {"w": "Tenor demonstration wire", "p": "Tenor demonstration posts"}
_DELAY = {"w": timedelta(seconds=20), "p": timedelta(seconds=5)}


class BundledNews:
    """NewsFeed over the bundled file, read at the first call. A damaged line raises DataError."""

    label = LABEL

    def __init__(self, file: Path = FILE) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._all: list[Headline] | None = None

    def headlines(
        self, now: datetime, instruments: Sequence[str] = (), since: datetime | None = None, limit: int = 50
    ) -> list[Headline]:
        """Headlines known at `now`, newest first."""
        wanted = set(instruments)
        found = [
            item
            for item in self._load()
            if item.known <= now
            and (since is None or item.known >= since)
            and (not wanted or wanted.intersection(item.instruments))
        ]
        return found[:limit]

    def _load(self) -> list[Headline]:
        with self._lock:
            if self._all is None:
                try:
                    lines = self._file.read_text(encoding="utf-8").splitlines()
                except OSError as error:
                    raise DataError(f"bundled headlines {self._file.name} cannot be read: {error}") from None
                items = [
                    _read(line, self._file.name, n) for n, line in enumerate(lines, 1) if line[:1] not in {"", "#"}
                ]
                self._all = sorted(items, key=lambda item: item.known, reverse=True)
            return self._all


def _read(line: str, file: str, number: int) -> Headline:
    try:
        when, kind, instruments, title, body = (part.strip() for part in line.split("|"))
        published = datetime.fromisoformat(when).replace(tzinfo=UTC)
        source, delay = _SOURCES[kind], _DELAY[kind]
    except (ValueError, KeyError) as error:
        raise DataError(f"line {number} of {file} is damaged ({error}); install the product again") from None
    return Headline(
        id=f"demo-{hashlib.sha256(line.encode()).hexdigest()[:10]}",
        title=title,
        body=body,
        source=source,
        published=published,
        known=published + delay,
        instruments=tuple(instruments.split()),
        label=LABEL,
    )
