"""House rules for every test: no network beyond this machine, no settings from outside."""

from __future__ import annotations

import gc
import os
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest

from desk.demo import Box
from desk.factory import Desk, open_desk
from desk.market.history import History
from desk.settings import Settings
from desk.store.folder import DataFolder
from graphs.runtime import Runtime, open_runtime
from tests.neo4j.server import Neo4jProcess
from tests.sizes import FULL_FAULTS, LONG

LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")
KEPT = ("TENOR_REQUIRE", "TENOR_TEST_DATA")
_connect = socket.socket.connect
HISTORY = History()


class NetworkForbidden(RuntimeError):
    """A test tried to leave this machine."""


def _guarded(self: socket.socket, address) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6):
        host = str(address[0]) if isinstance(address, tuple) else str(address)
        if not host.startswith(LOOPBACK):
            raise NetworkForbidden(f"a test may not connect to {host!r}")
    _connect(self, address)


def pytest_configure() -> None:
    """Forbids the network before anything is collected, and timed failures of drawn examples."""
    hypothesis.settings.register_profile("tenor", deadline=None)
    hypothesis.settings.load_profile("tenor")
    setattr(socket.socket, "connect", _guarded)  # noqa: B010 - the one patch of the suite: it keeps the network out
    for name in [name for name in os.environ if name.startswith("TENOR_") and name not in KEPT]:
        del os.environ[name]


def pytest_collection_finish() -> None:
    """Takes what is loaded by now out of the garbage collector's rounds, and makes the rounds fewer."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_report_header() -> str:
    """How much is done."""
    return f"tenor: {'long' if LONG else 'short'} random flows, {'all' if FULL_FAULTS else 'some'} faults"


@pytest.fixture(scope="session")
def neo4j(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Neo4jProcess]]:
    """Gives the one real Neo4j server of this session, started when it is first asked for."""
    started: list[Neo4jProcess] = []

    def get() -> Neo4jProcess:
        if not started:
            started.append(Neo4jProcess(tmp_path_factory.mktemp("neo4j")))
        return started[0]

    yield get
    for server in started:
        server.stop()


@contextmanager
def opened(home: Path) -> Iterator[Desk]:
    """The demonstration desk of a folder, made and seeded when the folder is not there."""
    folder = DataFolder(home)
    assert folder.hold({"command": "test"})
    made = open_desk(Settings(), folder, Box(history=HISTORY))
    yield made
    made.close()
    folder.release()


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a desk was made and closed again; never opened, only copied."""
    home = tmp_path_factory.mktemp("seeded") / "home"
    with opened(home):
        pass
    return home


@pytest.fixture
def desk(tmp_path: Path, seeded: Path) -> Iterator[Desk]:
    """A private demonstration desk in a folder of its own, seeded once a session: seeding costs most of a start."""
    shutil.copytree(seeded, tmp_path / "home")
    with opened(tmp_path / "home") as made:
        yield made


@pytest.fixture
async def runtime(desk: Desk) -> AsyncIterator[Runtime]:
    """The whole system over the private desk."""
    async with open_runtime(desk) as opened:
        yield opened
