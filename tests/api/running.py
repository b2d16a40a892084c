"""A real `tenor up` in a process of its own, and the command beside it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.forking import Forked

ADDRESS = re.compile(r"(http://127\.0\.0\.1:\d+/)#door=(\S+)")
COMMAND_S = 120.0


@dataclass
class Done:
    """What a command came to."""

    exit: int
    out: str
    err: str

    @property
    def json(self):
        """The one object on stdout."""
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)


def tenor(home: Path, *argv: str, **settings: str) -> Done:
    """Runs the command with `--json`, in the folder, in a forked process."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = Forked("api.cli", *argv, "--json", "--home", str(home), stdout=out, stderr=err, **settings)
        try:
            code = process.wait(COMMAND_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        for stream in (out, err):
            stream.seek(0)
        return Done(code, out.read(), err.read())


def tenor_cold(home: Path, *argv: str, **settings: str) -> Done:
    """The same by a bare interpreter, which loads everything: for one command of a family."""
    environment = {**os.environ, **settings}
    command = [sys.executable, "-m", "api.cli", *argv, "--json", "--home", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_S, env=environment, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


class Up:
    """`tenor up` on a free port, forked; the address and door token are what it printed."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        self.log = home.parent / f"{home.name}.log"
        words = ["up", "--no-open", "--port", "0", "--home", str(home)]
        with self.log.open("w") as out:
            self.process = self._begin(out, words, settings)
        self.address, self.door = self._wait()

    def _begin(self, out: IO[str], words: list[str], settings: dict[str, str]) -> Forked | subprocess.Popen[bytes]:
        return Forked("api.cli", *words, stdout=out, stderr=out, **settings)

    def _wait(self) -> tuple[str, str]:
        ends = time.monotonic() + 180
        while time.monotonic() < ends:
            found = ADDRESS.search(self.log.read_text())
            if found:
                try:
                    urllib.request.urlopen(found[1] + "healthz", timeout=1).close()
                    return found[1], found[2]
                except OSError:
                    pass
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"tenor up did not answer:\n{self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        """SIGKILL to the whole group: nothing is flushed, nothing is said."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(30)


class ColdUp(Up):
    """The same by a bare interpreter, which loads everything."""

    def _begin(self, out: IO[str], words: list[str], settings: dict[str, str]) -> subprocess.Popen[bytes]:
        command, environment = [sys.executable, "-m", "api.cli", *words], {**os.environ, **settings}
        return subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True, env=environment)
