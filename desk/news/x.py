"""Posts by X's recent search (API v2), with a bearer token: those that name the desk's instruments by cashtag."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from desk.errors import DataError
from desk.instruments import AssetClass, Instruments
from desk.news.rss import read_date
from desk.news.story import TITLE, Story, plain_text
from desk.wire import SourceWire

NAME = "X"
LABEL = "post on X, unverified"
PAGE, MOST_PAGES = 100, 5
LONGEST_QUERY = 512
_ONLY = " lang:en -is:retweet"


def queries_of(instruments: Instruments) -> list[str]:
    """Searches for the cashtags of all stocks and crypto, each within the length that X takes."""
    kinds = (AssetClass.STOCK, AssetClass.CRYPTO)
    tags = [f"${i.symbol.removesuffix('USD')}" for i in instruments if i.asset_class in kinds]
    found, part = list[str](), ""
    for tag in tags:
        longer = f"{part} OR {tag}" if part else tag
        if len(longer) + len(_ONLY) + 2 > LONGEST_QUERY:
            found.append(f"({part}){_ONLY}")
            longer = tag
        part = longer
    return [*found, f"({part}){_ONLY}"] if part else found


class XSearch:
    """NewsSource. Each search goes on after the newest post it gave."""

    name = NAME

    def __init__(self, wire: SourceWire, queries: Iterable[str]) -> None:
        self._wire, self._queries = wire, list(queries)
        self._newest: dict[str, str] = {}

    def fetch(self) -> list[Story]:
        """See `NewsSource`: at most 500 posts of a search, the newest."""
        return [story for query in self._queries for story in self._search(query)]

    def close(self) -> None:
        """See `NewsSource`."""
        self._wire.close()

    def _search(self, query: str) -> list[Story]:
        asked: dict[str, str | int] = {"query": query, "max_results": PAGE, "tweet.fields": "created_at"}
        if query in self._newest:
            asked["since_id"] = self._newest[query]
        found, newest = list[Story](), ""
        for _ in range(MOST_PAGES):
            status, told = self._wire.json("/2/tweets/search/recent", asked)
            if status != 200 or not isinstance(told, dict):
                why = str(told.get("detail") or told.get("title"))[:120] if isinstance(told, dict) else ""
                raise DataError(f"{NAME} refused a search with HTTP {status}: {why}")
            found += _posts(told)
            meta = told.get("meta")
            page: Mapping[str, object] = meta if isinstance(meta, dict) else {}
            newest = newest or str(page.get("newest_id") or "")
            if not page.get("next_token"):
                break
            asked["next_token"] = str(page["next_token"])
        if newest:
            self._newest[query] = newest
        return found


def _posts(told: Mapping[str, object]) -> list[Story]:
    rows = told.get("data") or []
    if not isinstance(rows, list):
        raise DataError(f"{NAME} answered a search in another form")
    found = list[Story]()
    for row in rows:
        if not isinstance(row, dict) or not str(row.get("id", "")).isdigit():
            raise DataError(f"{NAME} sent a post without an id")
        text = plain_text(str(row.get("text", "")), TITLE)
        if text:
            url = f"https://x.com/i/web/status/{row['id']}"
            found.append(Story(str(row["id"]), text, "", NAME, url, read_date(str(row.get("created_at", ""))), LABEL))
    return found
