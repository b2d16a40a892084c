"""A news feed over live sources: each story kept once, with when it was published and when this desk had it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from pydantic import TypeAdapter
from sqlalchemy import insert, select

from desk.clock import Clock, from_iso, to_iso
from desk.errors import BackEndUnreachable, DataError, NotFound
from desk.instruments import Instruments
from desk.news.entities import find_named
from desk.news.feed import Headline
from desk.news.story import NewsSource, Story
from desk.source_state import SourceStates
from desk.store.engine import Store
from desk.store.market_tables import live_headlines

ROUND_S, POLL = 5.0, timedelta(minutes=1)
SAME_STORY = timedelta(days=3)
"""How long a title tells a story; the same one later is another."""

AHEAD = timedelta(minutes=5)
"""A story dated farther in the future than this is dated by when it came."""

READ_AT_ONCE = 5_000
_HEADLINE = TypeAdapter(Headline)


class LiveNews:
    """NewsFeed. Only what has been kept is read, so what a moment knew can be read again. Safe for several threads."""

    def __init__(self, sources: Sequence[NewsSource], store: Store, wall: Clock, instruments: Instruments) -> None:
        self._sources, self._store, self._wall, self._instruments = tuple(sources), store, wall, instruments
        self.states = SourceStates(tuple(source.name for source in sources), wall)
        self.counts: Counter[str] = Counter()
        self._asked: dict[str, datetime] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def label(self) -> str:
        """Who is read."""
        return f"live from {', '.join(source.name for source in self._sources)}"

    def headlines(
        self, now: datetime, instruments: Sequence[str] = (), since: datetime | None = None, limit: int = 50
    ) -> list[Headline]:
        """See `NewsFeed`. Of the newest 5,000 that were known at `now`."""
        table, wanted = live_headlines.c, set(instruments)
        query = select(table.headline).where(table.known <= to_iso(now)).order_by(table.known.desc(), table.id)
        query = query.where(table.known >= to_iso(since)) if since else query
        with self._store.read() as connection:
            rows = connection.execute(query.limit(READ_AT_ONCE if wanted else limit)).scalars().all()
        found = (_HEADLINE.validate_json(row) for row in rows)
        return [item for item in found if not wanted or wanted.intersection(item.instruments)][:limit]

    def start(self) -> None:
        """Begins rounds on a thread of its own."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="tenor-news", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stops after the source at hand."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        for source in self._sources:
            source.close()

    def step(self) -> list[Headline]:
        """Asks every source whose turn it is; returns what is new. One that fails is asked again later."""
        new = list[Headline]()
        for source in self._sources:
            now = self._wall.now()
            asked = self._asked.get(source.name)
            waits = asked is not None and timedelta(0) <= now - asked < POLL
            if self._stop.is_set() or waits or not self.states.ready(source.name):
                continue
            self._asked[source.name] = now
            try:
                stories = self.states.ask(source.name, source.fetch)
            except (BackEndUnreachable, NotFound, DataError) as error:
                structlog.get_logger("news").warning("not read", source=source.name, why=error.message)
                continue
            new += self._keep(stories)
        return new

    def _keep(self, stories: Sequence[Story]) -> list[Headline]:
        kept = list[Headline]()
        table = live_headlines.c
        with self._store.begin() as connection:
            newest = connection.execute(select(table.known).order_by(table.known.desc()).limit(1)).scalar()
            known = max(self._wall.now(), from_iso(newest)) if newest else self._wall.now()
            for story in stories:
                same = (table.story == story.key) & (table.known >= to_iso(known - SAME_STORY))
                if connection.execute(select(table.id).where((table.id == story.id) | same)).first():
                    self.counts["twice"] += 1
                    continue
                item = self._headline(story, known)
                row = {"id": item.id, "known": to_iso(known), "story": story.key}
                connection.execute(insert(live_headlines).values(**row, headline=_HEADLINE.dump_json(item).decode()))
                self.counts["kept"] += 1
                kept.append(item)
        return kept

    def _headline(self, story: Story, known: datetime) -> Headline:
        published = story.published
        if published is None or published > known + AHEAD:
            self.counts["undated"] += 1
            published = known
        text = f"{story.title}. {story.body}"
        return Headline(
            id=story.id,
            title=story.title,
            body=story.body,
            source=story.source,
            published=min(published, known),
            known=known,
            instruments=find_named(text, self._instruments),
            url=story.url,
            label=story.label,
        )

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.step()
            except Exception:  # noqa: BLE001 - the news go on; the next round tries again
                structlog.get_logger("news").exception("round failed")
            self._stop.wait(ROUND_S)
