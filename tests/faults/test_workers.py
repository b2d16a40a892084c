"""Real `tenor worker` processes over a real queue: shared work, drain, a queue that fails, versions."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.holder import Outcome, serve
from bench.report import wait_until
from desk.jobs.queue import EXECUTE, RECONCILE, VERSION_HEADER, build_celery
from desk.settings import VERSION
from desk.store.engine import Store
from desk.store.folder import DataFolder
from tests.api.running import Up, tenor
from tests.forking import Forked
from tests.valkey import Valkey

pytestmark = [pytest.mark.fault, pytest.mark.service]


class FakeHolder:
    """A process that holds the folder and takes work; each order takes `slow` seconds."""

    def __init__(self, folder: DataFolder, slow: float = 0.0) -> None:
        self.folder, self.slow = folder, slow
        self.began: list[str] = []
        self.done: list[str] = []
        self.asked: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        assert folder.hold({"command": "test", "version": VERSION})
        self._thread.start()
        assert self._ready.wait(10)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self.folder.release()

    async def _take(self, argv: list[str], cwd: str, user: str) -> Outcome:
        self.asked.append(argv[1])
        if argv[:2] == ["work", "execute"]:
            self.began.append(argv[2])
            await asyncio.sleep(self.slow)
            self.done.append(argv[2])
        return Outcome(0, {"work": argv[1]})

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(serve(self.folder, self._take))
        self._ready.set()
        self._loop.run_forever()


class Rig:
    """A queue, a folder, a holder, and workers that are all gone at the end."""

    def __init__(self, home: Path) -> None:
        self.home, self.server = home / "desk", Valkey(home / "queue")
        self.folder = DataFolder(self.home)
        Store.in_folder(self.home).close()
        self.holder: FakeHolder | None = None
        self.workers: list[Forked] = []
        self.app = build_celery(self.server.url)

    def work(self, *more: str) -> Forked:
        words = ["worker", "--processes", "1", "--home", str(self.home), *more]
        with (self.home / "worker.log").open("ab") as log:
            self.workers.append(Forked("api.cli", *words, stdout=log, stderr=log, TENOR_REDIS_URL=self.server.url))
        return self.workers[-1]

    def send(self, *ids: str, version: str = VERSION) -> None:
        for id in ids:
            self.app.send_task(EXECUTE, args=[id], task_id=f"execute-{id}", headers={VERSION_HEADER: version})

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait(30)
        if self.holder is not None:
            self.holder.close()
        self.app.close()
        self.server.kill()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.close()


def test_several_workers_share_the_work_and_a_stopped_one_ends_what_it_does(rig: Rig) -> None:
    holder = rig.holder = FakeHolder(rig.folder, slow=0.3)
    ids = [f"o-{n}" for n in range(12)]
    first, _ = rig.work(), rig.work("--beat")
    rig.send(*ids)
    assert wait_until(lambda: len(holder.began) - len(holder.done) == 2, 60), "both work at once"
    first.send_signal(signal.SIGTERM)
    assert first.wait(30) == 0
    assert wait_until(lambda: len(holder.done) == len(ids), 60)
    assert sorted(holder.began) == sorted(holder.done) == sorted(ids), "nothing lost, nothing twice"


def test_the_beat_asks_for_the_sweep_and_a_worker_for_the_reconciliation(rig: Rig) -> None:
    holder = rig.holder = FakeHolder(rig.folder)
    rig.work("--beat")
    rig.app.send_task(RECONCILE, args=[""], headers={VERSION_HEADER: VERSION})
    assert wait_until(lambda: {"sweep", "reconcile"} <= set(holder.asked), 60), holder.asked


def test_work_goes_on_after_the_queue_was_killed(rig: Rig) -> None:
    holder = rig.holder = FakeHolder(rig.folder)
    rig.work()
    rig.send("o-1")
    assert wait_until(lambda: holder.done == ["o-1"], 60)
    rig.server.kill()
    rig.server.start()
    rig.send("o-2")
    assert wait_until(lambda: "o-2" in holder.done, 60)


def test_another_version_is_left_alone_and_not_started(rig: Rig) -> None:
    holder = rig.holder = FakeHolder(rig.folder)
    rig.work()
    rig.send("old", version="0.0.1")
    rig.send("new")
    assert wait_until(lambda: holder.done == ["new"], 60)
    rig.folder.describe({"command": "test", "version": "9.9.9"})
    late = rig.work()
    assert late.wait(60) == 1
    assert b"version 9.9.9" in (rig.home / "worker.log").read_bytes()


def test_a_worker_beside_another_process_ends_with_it(rig: Rig) -> None:
    code = (
        "import os, subprocess, sys; "
        "words = ['-m', 'api.cli', 'worker', '--beside', str(os.getpid()), '--home', sys.argv[1]]; "
        "p = subprocess.Popen([sys.executable, *words]); "
        "print(p.pid, flush=True); input()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(rig.home)],
        env={**os.environ, "TENOR_REDIS_URL": rig.server.url},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    assert wait_until(lambda: not alive(worker), 30)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_full_queue_costs_time_and_no_order(rig: Rig) -> None:
    import redis

    holder = rig.holder = FakeHolder(rig.folder)
    rig.work()
    rig.send("o-1")
    assert wait_until(lambda: holder.done == ["o-1"], 60)
    with redis.Redis.from_url(rig.server.url) as full:
        full.config_set("maxmemory-policy", "noeviction")
        full.config_set("maxmemory", "1")
        with pytest.raises(Exception, match="command not allowed"):
            rig.send("o-2")
        full.config_set("maxmemory", "0")
    rig.send("o-2")
    assert wait_until(lambda: "o-2" in holder.done, 60)


def test_tenor_up_begins_its_worker_and_another_when_it_is_killed(tmp_path: Path) -> None:
    server = Valkey(tmp_path / "queue")
    up = Up(tmp_path / "home", TENOR_REDIS_URL=server.url)
    try:
        assert wait_until(lambda: len(workers_of(up)) == 1, 30)
        assert buy(up, 5) == "filled"
        first = workers_of(up)[0]
        os.kill(first, signal.SIGKILL)
        assert buy(up, 7) == "filled"
        assert wait_until(lambda: workers_of(up) not in ([], [first]), 30)
        crew = workers_of(up)
        assert up.stop() in (0, 130)
        assert not any(map(alive, crew))
    finally:
        if up.process.poll() is None:
            up.kill()
        server.kill()


def buy(up: Up, quantity: int) -> str:
    asked = tenor(up.home, "ask", f"Buy {quantity} AAPL", "--as", "trader").json
    said = tenor(up.home, "approvals", "approve", asked["approval"]["id"], "--as", "trader").json
    ends = time.monotonic() + 60
    while said["order"]["state"] != "filled" and time.monotonic() < ends:
        time.sleep(0.2)
        listed = tenor(up.home, "orders", "list").json["orders"]
        said = {"order": next(o for o in listed if o["id"] == said["order"]["id"])}
    return str(said["order"]["state"])


def workers_of(up: Up) -> list[int]:
    """The worker processes that the desk itself began."""
    found = subprocess.run(
        ["pgrep", "-P", str(up.process.pid), "-f", "api.cli worker"], capture_output=True, check=False
    )
    return [int(line) for line in found.stdout.split()]
