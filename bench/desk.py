"""`tenor bench run desk`: a supervisor turn, doctor, memory at rest, second start, installed size."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from bench.report import Report, median, wait_until
from desk.factory import open_desk
from desk.settings import Settings
from desk.store.folder import DataFolder
from graphs.runtime import open_runtime

TURNS, WARM, DOCTORS = 40, 5, 5
QUESTION = "What is Microsoft trading at?"
ADDRESS = re.compile(rb"http://[0-9.]+:\d+/")


@dataclass(frozen=True)
class _Start:
    page_s: float
    rss_mb: float


def run() -> Report:
    """All five figures; correct when every turn answered with a fact and the page was served."""
    turns, answered = asyncio.run(_turns())
    with tempfile.TemporaryDirectory(prefix="tenor-bench-") as home:
        first, second = _start(home), _start(home)
    doctors = [_doctor() for _ in range(DOCTORS)]
    metrics: dict[str, float | None] = {
        "turn_cpu_ms": round(median(turns), 2),
        "doctor_s": round(median(doctors), 3),
        "rss_mb": round(second.rss_mb, 1) if second else None,
        "first_page_s": round(second.page_s, 2) if second else None,
        "fresh_page_s": round(first.page_s, 2) if first else None,
        "installed_mb": _installed_mb(),
    }
    return Report("desk", answered and first is not None and second is not None, metrics)


async def _turns() -> tuple[list[float], bool]:
    with tempfile.TemporaryDirectory(prefix="tenor-bench-") as path:
        folder = DataFolder(Path(path))
        folder.hold({"command": "bench"})
        desk = open_desk(Settings(), folder)
        try:
            async with open_runtime(desk) as runtime:
                person, spent, answered = desk.people.get("trader"), [], True
                for turn in range(WARM + TURNS):
                    before = time.process_time()
                    answer = await runtime.ask(QUESTION, person)
                    if turn >= WARM:
                        spent.append((time.process_time() - before) * 1000)
                    answered = answered and bool(answer["facts"])
                return spent, answered
        finally:
            desk.close()
            folder.release()


SETTLED_S = 20.0
"""Until the solver's process has loaded: it belongs to an idle desk."""


def _start(home: str) -> _Start | None:
    command = [sys.executable, "-m", "api.cli", "up", "--no-open", "--port", "0", "--home", home]
    log = Path(home) / "bench.log"
    began = time.perf_counter()
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        if not wait_until(lambda: _serves(log), 60):
            return None
        page_s = time.perf_counter() - began
        time.sleep(SETTLED_S)
        return _Start(page_s, _rss_mb(process.pid))
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(30)


def _serves(log: Path) -> bool:
    found = ADDRESS.findall(log.read_bytes())
    if not found:
        return False
    try:
        with urllib.request.urlopen(found[-1].decode(), timeout=2) as answer:
            return answer.status == 200 and b"<html" in answer.read(4000).lower()
    except (urllib.error.URLError, OSError):
        return False


def _rss_mb(root: int) -> float:
    """Resident megabytes of a process and everything it started (pages that they share count each time)."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=False)
    rows = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    ours, grown = {root}, True
    while grown:
        found = {pid for pid, parent, _ in rows if parent in ours} - ours
        ours, grown = ours | found, bool(found)
    return sum(rss for pid, _, rss in rows if pid in ours) / 1024


def _doctor() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "api.cli", "doctor"], capture_output=True, check=True)
    return time.perf_counter() - began


def _installed_mb() -> float:
    listed = subprocess.run(["du", "-sm", sys.prefix], capture_output=True, text=True, check=True)
    return float(listed.stdout.split()[0])
