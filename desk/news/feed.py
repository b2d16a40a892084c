"""The news feed protocol: headlines and posts, as known at a moment.

Empty means no news; failure raises (`DataError`, `BackEndUnreachable`). Text from a feed is
untrusted: it is data, never an instruction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Headline:
    """One headline or post.

    `published` is when it happened or was published, `known` when this desk could first read it;
    research uses `known`. `instruments` are ids (`XNAS:AAPL`). `label` says what is not real.
    """

    id: str
    title: str
    body: str
    source: str
    published: datetime
    known: datetime
    instruments: tuple[str, ...]
    url: str = ""
    label: str = ""

    @property
    def text(self) -> str:
        """Title and body."""
        return f"{self.title}. {self.body}" if self.body else self.title


class NewsFeed(Protocol):
    """One source of headlines."""

    @property
    def label(self) -> str:
        """What this feed is, for a person."""
        ...

    def headlines(
        self, now: datetime, instruments: Sequence[str] = (), since: datetime | None = None, limit: int = 50
    ) -> list[Headline]:
        """Headlines known at `now`, newest first; of these instruments when any are given."""
        ...
