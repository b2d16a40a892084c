"""FilingIndex: one suite, run against Chroma in process and against a real Chroma server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from desk.errors import BackEndUnreachable, DataError
from rag.chroma import open_embedded, open_server
from rag.documents import Passage
from rag.index import FilingIndex
from rag.index_care import Health, check_index, mend_index, read_snapshot, write_snapshot


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[str]:
    """A real Chroma server, from the package's own command."""
    command = Path(sys.executable).parent / "chroma"
    if not command.exists() and not shutil.which("chroma"):
        if os.environ.get("TENOR_REQUIRE") == "all":
            pytest.fail("the chroma command is missing; install requirements/dev.txt")
        pytest.skip("the chroma command is missing; install requirements/dev.txt")
    port, folder = free_port(), tmp_path_factory.mktemp("chroma")
    argv = [str(command), "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=0.5).close()
            break
        except OSError:
            time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


@pytest.fixture(params=["embedded", pytest.param("server", marks=pytest.mark.service)])
def index(request, tmp_path) -> Iterator[FilingIndex]:
    if request.param == "embedded":
        made = open_embedded(tmp_path)
    else:
        made = open_server(request.getfixturevalue("server"))
        made.drop(made.ids())
    yield made
    made.close()


def passage(id: str, filing: str) -> Passage:
    return Passage(id=id, filing=filing, document="D", section="S", page=1, start=0, end=1, text=id)


PASSAGES = [passage("a-1", "a"), passage("a-2", "a"), passage("b-1", "b")]
VECTORS = np.eye(3, dtype=np.float32)


def test_an_empty_index_knows_nothing(index):
    assert index.near(VECTORS[0], 5) == []
    assert index.missing(["a-1", "b-1"]) == ["a-1", "b-1"]


def test_the_nearest_come_first_and_filings_narrow(index):
    index.add(PASSAGES, VECTORS)
    assert index.missing(["a-1", "x", "b-1"]) == ["x"]
    near = index.near(np.array([0.9, 0.4, 0.1], dtype=np.float32), 2)
    assert [found.id for found in near] == ["a-1", "a-2"]
    assert near[0].similarity > near[1].similarity
    assert [found.id for found in index.near(VECTORS[0], 3, ["b"])] == ["b-1"]


def test_adding_again_replaces_and_removing_forgets_a_filing(index):
    index.add(PASSAGES, VECTORS)
    index.add([PASSAGES[0]], VECTORS[2:])
    near = {found.id: found.similarity for found in index.near(VECTORS[2], 3)}
    assert near["a-1"] == pytest.approx(1, abs=1e-3)
    assert near["a-2"] == pytest.approx(0, abs=1e-3)
    index.remove("a")
    index.remove("a")
    assert index.missing(["a-1", "a-2", "b-1"]) == ["a-1", "a-2"]


def test_what_is_kept_can_be_listed_read_and_dropped(index):
    assert index.ids() == []
    index.add(PASSAGES, VECTORS)
    assert index.ids() == ["a-1", "a-2", "b-1"]
    assert index.vectors(["b-1", "a-1"]) == pytest.approx(VECTORS[[2, 0]], abs=1e-6)
    with pytest.raises(DataError, match="'nope'"):
        index.vectors(["a-1", "nope"])
    index.drop(["a-2", "nope"])
    index.drop([])
    assert index.ids() == ["a-1", "b-1"]


def test_a_check_names_what_is_wrong_and_a_snapshot_brings_it_back(index, tmp_path):
    index.add(PASSAGES, VECTORS)
    assert check_index(index, PASSAGES) == Health(3, 0, 0, 0)
    assert write_snapshot(index, tmp_path / "s.npz") == 3
    index.drop(["a-1"])
    index.add([passage("old", "b")], np.zeros((1, 3), dtype=np.float32))
    index.add([PASSAGES[1]], VECTORS[1:2] * 3)
    health = check_index(index, PASSAGES)
    assert (health.missing, health.stale, health.damaged, health.sound) == (1, 1, 1, False)
    assert mend_index(index, PASSAGES) == 2
    assert index.ids() == ["b-1"]
    assert read_snapshot(index, PASSAGES, tmp_path / "s.npz") == 2
    assert check_index(index, PASSAGES).sound
    (tmp_path / "s.npz").write_bytes(b"half")
    with pytest.raises(DataError, match="snapshot"):
        read_snapshot(index, PASSAGES, tmp_path / "s.npz")


def test_an_unreachable_server_says_so():
    with pytest.raises(BackEndUnreachable):
        open_server(f"http://127.0.0.1:{free_port()}")
