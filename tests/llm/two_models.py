"""A desk with two models of different pace and price, each a real HTTP server on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import NamedTuple

from desk.factory import open_desk
from desk.settings import Settings
from desk.store.folder import DataFolder
from graphs.runtime import Runtime, open_runtime
from tests.llm.openai_server import OpenAiServer, Reply

SLOW_S = 0.15
WORDS = {"quick": "The quick model finds nothing unusual.", "slow": "The slow model finds nothing unusual."}
PRICES = {"quick": (1, 1), "slow": (10, 30)}


class TwoModels(NamedTuple):
    """The servers behind the models "quick" and "slow", and the file that describes them."""

    quick: OpenAiServer
    slow: OpenAiServer
    file: Path

    def settings(self, models: str = "quick,slow") -> Settings:
        """With these models, best first."""
        first, _, rest = models.partition(",")
        return Settings(llm_model=first, llm_models=rest, llm_model_file=str(self.file))


def _says(name: str) -> Reply:
    return lambda _: {"content": WORDS[name]}


@contextmanager
def two_models(folder: Path, **replies: Reply) -> Iterator[TwoModels]:
    """Both servers; `replies` replaces what one answers."""
    servers = {
        name: OpenAiServer(replies.get(name) or _says(name), SLOW_S if name == "slow" else 0.0) for name in WORDS
    }
    rows = [
        f'  - {{id: {name}, route: openai/{name}, address: "{server.url}", price_in: {PRICES[name][0]}, '
        f"price_out: {PRICES[name][1]}, residency: local}}"
        for name, server in servers.items()
    ]
    file = folder / "models.yaml"
    file.write_text("\n".join(["version: 1", "models:", *rows, ""]))
    try:
        yield TwoModels(servers["quick"], servers["slow"], file)
    finally:
        for server in servers.values():
            server.close()


@asynccontextmanager
async def running(settings: Settings, home: Path) -> AsyncIterator[Runtime]:
    """The whole system in a folder, as one start of it."""
    folder = DataFolder(home)
    assert folder.hold({"command": "test"})
    desk = open_desk(settings, folder)
    try:
        async with open_runtime(desk) as runtime:
            await runtime.models.ready()
            yield runtime
    finally:
        desk.close()
        folder.release()
