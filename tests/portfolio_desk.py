"""A fresh demonstration desk with its runtime, in a folder, as `evals/run.py` opens one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from desk.factory import open_desk
from desk.settings import Settings
from desk.store.folder import DataFolder
from graphs.runtime import Runtime, open_runtime


@asynccontextmanager
async def open_demo(path: Path) -> AsyncIterator[Runtime]:
    folder = DataFolder(path)
    folder.hold({"command": "test"})
    desk = open_desk(Settings(), folder)
    try:
        async with open_runtime(desk) as runtime:
            yield runtime
    finally:
        desk.close()
        folder.release()
