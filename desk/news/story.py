"""What a live source of news gives before the desk has kept it, and the protocol of such a source.

All text is untrusted: tags and control characters are taken out, lengths are bounded, and nothing in it is obeyed.
"""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

TITLE, BODY = 400, 2_000
"""Characters that are kept."""

_TAG = re.compile(r"<[^<>]{0,2000}>")
_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Story:
    """One item. `guid` is the source's own name of it; `published` is None where it gives no date that can be read."""

    guid: str
    title: str
    body: str
    source: str
    url: str
    published: datetime | None
    label: str = ""

    @property
    def id(self) -> str:
        """The same for the same item with the same title: a correction is another headline."""
        return f"live-{hashlib.sha256(f'{self.source}|{self.guid}|{self.title}'.encode()).hexdigest()[:24]}"

    @property
    def key(self) -> str:
        """The same for one story from several sources: its title's words."""
        words = " ".join(_WORD.findall(self.title.casefold()))
        return hashlib.sha256(words.encode()).hexdigest()[:32]


class NewsSource(Protocol):
    """One feed or search. Empty means nothing new; raises BackEndUnreachable (Limited, NotAdmitted), DataError."""

    @property
    def name(self) -> str:
        """Its name in stamps and to a person."""
        ...

    def fetch(self) -> list[Story]:
        """What it has now; what it gave before may be among it."""
        ...

    def close(self) -> None:
        """Ends its session."""
        ...


def plain_text(text: str, most: int) -> str:
    """Without tags, entities, control and direction characters, in one line."""
    bare = html.unescape(_TAG.sub(" ", text[: 8 * most]))
    return " ".join(_ODD.sub(" ", _TAG.sub(" ", bare)).split())[:most]


def web_address(text: str) -> str:
    """An address of the web; empty for anything else (`javascript:` and the like)."""
    bare = text.strip()
    return bare[:1000] if re.match(r"https?://[^\s<>\"']+$", bare) else ""
