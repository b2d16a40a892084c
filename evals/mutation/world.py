"""A private desk of another world: the same questions at the same instant, with one value at its source changed."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from desk.clock import FrozenClock
from desk.demo import Box, DemoPlan, load_plan
from desk.factory import Desk, open_desk
from desk.filings import bundled as filings
from desk.market.history import History, Series
from desk.news import bundled as news
from desk.settings import Settings
from desk.store.folder import DataFolder
from graphs.runtime import Runtime, open_runtime

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
"""Where the machine's clock stands, and with it the market's."""


def _same_plan(plan: DemoPlan) -> DemoPlan:
    return plan


def _nothing(_: Desk) -> None:
    """The desk stays as it was opened."""


@dataclass(frozen=True)
class World:
    """How a world differs from what is shipped; by default in nothing.

    `closes`: by instrument and place from the end (-1 is the day replayed), what its close is multiplied by.
    `headlines` and `documents`: words of a file and what stands there instead, `documents` by file and only at the
    first place. `opened` works on the open desk, before the first question.
    """

    closes: Mapping[tuple[str, int], float] = field(default_factory=dict)
    plan: Callable[[DemoPlan], DemoPlan] = _same_plan
    headlines: tuple[str, str] | None = None
    documents: tuple[str, str, str] | None = None
    settings: Settings = field(default_factory=Settings)
    opened: Callable[[Desk], None] = _nothing


class ChangedHistory(History):
    """The shipped history with some closes multiplied."""

    def __init__(self, closes: Mapping[tuple[str, int], float]) -> None:
        super().__init__()
        self._closes = closes
        self._made: dict[str, Series] = {}

    def series(self, instrument: str) -> Series:
        """See `History.series`."""
        if instrument not in self._made:
            found, factors = super().series(instrument), np.ones(len(super().series(instrument).close))
            for (id, place), factor in self._closes.items():
                if id == instrument:
                    factors[place] = factor
            self._made[instrument] = replace(found, close=np.rint(found.close * factors).astype(np.int64))
        return self._made[instrument]


@asynccontextmanager
async def open_world(world: World, folder: Path, parsed: Path) -> AsyncIterator[Runtime]:
    """The whole system over that world, in a fresh folder; `parsed` keeps filings that were read before."""
    home = folder / "home"
    (home / "filings").mkdir(parents=True)
    parsed.mkdir(exist_ok=True)
    (home / "filings" / "parsed").symlink_to(parsed, target_is_directory=True)
    box = Box(
        plan=world.plan(load_plan()),
        history=ChangedHistory(world.closes),
        headlines=_headlines(world, folder),
        filings=_documents(world, folder),
        wall=FrozenClock(NOON),
    )
    held = DataFolder(home)
    held.hold({"command": "evals"})
    desk = open_desk(world.settings, held, box)
    try:
        world.opened(desk)
        async with open_runtime(desk) as runtime:
            yield runtime
    finally:
        desk.close()
        held.release()


def _headlines(world: World, folder: Path) -> Path | None:
    if world.headlines is None:
        return None
    text, (old, new) = news.FILE.read_text(encoding="utf-8"), world.headlines
    if text.count(old) != 1:
        raise ValueError(f"{old!r} stands {text.count(old)} times among the headlines, not once")
    path = folder / "headlines.txt"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def _documents(world: World, folder: Path) -> Path | None:
    if world.documents is None:
        return None
    (name, old, new), made = world.documents, folder / "documents"
    shutil.copytree(filings.FOLDER, made)
    raw = gzip.decompress((made / name).read_bytes()).decode()
    if old not in raw:
        raise ValueError(f"{old!r} does not stand in {name}")
    (made / name).write_bytes(gzip.compress(raw.replace(old, new, 1).encode()))
    return made
