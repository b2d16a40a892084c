"""The checkpoints of runs: one is kept only while its run waits for a person."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

import aiosqlite
from langgraph.checkpoint.base import BaseCheckpointSaver

STATE_TYPES = (
    ("agents.answers", "Reply"),
    *(("desk.orders", name) for name in ("Side", "OrderType", "TimeInForce", "Chosen")),
)
"""The types of ours that a checkpoint may hold; anything else comes back as plain data."""
SWEEP_EVERY = 200
"""Finished runs between two sweeps: proposals that expired leave their run's checkpoint behind until then."""


class Checkpoints:
    """Over LangGraph's saver. A conversation of any length leaves as much behind as its proposals that wait."""

    def __init__(self, saver: BaseCheckpointSaver[str], connection: aiosqlite.Connection) -> None:
        self.saver, self._connection = saver, connection
        self._finished = 0

    async def forget(self, run: str) -> None:
        """Deletes what a finished run left; one that left nothing is no error."""
        self._finished += 1
        await self.saver.adelete_thread(run)

    @property
    def sweep_due(self) -> bool:
        """Whether so many runs finished that `sweep` is worth its time."""
        return self._finished >= SWEEP_EVERY

    async def sweep(self, waiting: Collection[str]) -> int:
        """Deletes the checkpoints of all runs but those that wait; returns of how many runs."""
        self._finished = 0
        if not await self._has_table():
            return 0
        async with self._connection.execute("SELECT DISTINCT thread_id FROM checkpoints") as cursor:
            gone = {str(row[0]) async for row in cursor} - set(waiting)
        for run in gone:
            await self.saver.adelete_thread(run)
        return len(gone)

    async def _has_table(self) -> bool:
        """Whether anything was ever kept: the saver makes its tables at the first run."""
        query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'checkpoints'"
        async with self._connection.execute(query) as cursor:
            return await cursor.fetchone() is not None


@asynccontextmanager
async def open_checkpoints(file: Path) -> AsyncIterator[Checkpoints]:
    """The checkpoints in this SQLite file, made when it is not there; closed at the end."""
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    async with aiosqlite.connect(file) as connection:
        await connection.execute("PRAGMA journal_mode=WAL")
        await connection.execute("PRAGMA synchronous=NORMAL")
        yield Checkpoints(
            AsyncSqliteSaver(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=STATE_TYPES)), connection
        )
