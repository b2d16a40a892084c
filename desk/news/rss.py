"""Headlines by RSS 0.9x to 2.0, RDF and Atom: Reuters, Bloomberg, and any other paper with a feed.

A document with a DOCTYPE is refused: feeds need none, and entities are declared there. Dates are read in RFC 822 and
ISO 8601 form with their zones; a date that cannot be read is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from desk.errors import DataError, NotFound
from desk.news.story import BODY, TITLE, Story, plain_text, web_address
from desk.wire import SourceWire

if TYPE_CHECKING:
    from lxml.etree import _Element

MOST_ITEMS = 500
_END = re.compile(rb"</(?:\w+:)?(?:rss|rdf|feed)>\s*(?:<!--.*?-->\s*)*$", re.IGNORECASE | re.DOTALL)


class RssFeed:
    """NewsSource over one address, asked by condition: an unchanged feed costs nothing."""

    def __init__(self, name: str, url: str, wire: SourceWire) -> None:
        self.name, self._url, self._wire = name, url, wire
        self._validators: dict[str, str] = {}

    def fetch(self) -> list[Story]:
        """See `NewsSource`: at most 500 items of a feed that has changed. One that is cut off counts as a failure."""
        found = self._wire.get(self._url, headers=self._validators, whole=lambda body: _END.search(body) is not None)
        if found.status == 304:
            return []
        if found.status == 404:
            raise NotFound(f"{self.name} has no feed at this address of TENOR_NEWS_FEEDS (any more)")
        if found.status != 200:
            raise DataError(f"{self.name} answered with HTTP {found.status}")
        stories = read_feed(found.body, self.name)
        pairs = (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
        self._validators = {asked: found.headers[given] for asked, given in pairs if found.headers.get(given)}
        return stories

    def close(self) -> None:
        """See `NewsSource`."""
        self._wire.close()


def read_feed(body: bytes, name: str) -> list[Story]:
    """The items of a feed in its order; those without a title are left out. DataError for what is no feed."""
    from lxml import etree

    if re.search(rb"<!DOCTYPE|<!ENTITY", body[:100_000], re.IGNORECASE):
        raise DataError(f"{name} sent a document with a DOCTYPE, which is not read")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DataError(f"{name} sent XML that cannot be read ({str(error)[:100]})") from None
    if str(getattr(root.getroottree().docinfo, "doctype", "")):  # in another encoding than the search above reads
        raise DataError(f"{name} sent a document with a DOCTYPE, which is not read")
    items = [element for element in root.iter() if _local(element) in ("item", "entry")]
    if not items and _local(root) not in ("rss", "rdf", "feed"):
        raise DataError(f"{name} sent a document that is no feed")
    return [story for item in items[:MOST_ITEMS] if (story := _story(item, name)) is not None]


def read_date(text: str) -> datetime | None:
    """An RFC 822 or ISO 8601 date in UTC; None when it is neither, or names no zone."""
    bare = text.strip()
    try:
        found = parsedate_to_datetime(bare) if "," in bare[:5] or " " in bare[:4] else datetime.fromisoformat(bare)
    except (ValueError, IndexError, TypeError):
        return None
    try:
        return found.astimezone(UTC) if found.tzinfo is not None else None
    except OverflowError:
        return None


def _story(item: _Element, name: str) -> Story | None:
    texts: dict[str, str] = {}
    link = ""
    for child in _children(item):
        local, text = _local(child), "".join(str(part) for part in child.itertext())
        texts.setdefault(local, text)
        if local == "link" and child.get("rel", "alternate") == "alternate":
            link = link or child.get("href", "") or text
    title = plain_text(texts.get("title", ""), TITLE)
    if not title:
        return None
    url = web_address(link)
    guid = next((texts[part].strip() for part in ("guid", "id") if texts.get(part, "").strip()), "") or url or title
    body = plain_text(next((texts[p] for p in ("description", "summary", "content") if texts.get(p)), ""), BODY)
    dates = (read_date(texts[part]) for part in ("pubdate", "published", "updated", "date") if part in texts)
    published = next((date for date in dates if date is not None), None)
    return Story(guid[:500], title, "" if body == title else body, name, url, published)


def _children(item: _Element) -> Iterator[_Element]:
    return (child for child in item if isinstance(child.tag, str))


def _local(element: _Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
