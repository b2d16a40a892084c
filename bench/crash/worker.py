"""A worker of the matrix: the shipped courier and tasks, with a killer at its boundaries.

`python -m bench.crash.worker FOLDER REDIS_URL BOUNDARY CHANCE MOST`
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sqlalchemy import Connection, event

from bench.crash.boundaries import Killer
from bench.crash.venue import DiskVenue
from desk.bus.redis import RedisBus
from desk.clock import WallClock
from desk.jobs.queue import EXECUTE, build_celery, register
from desk.orders import Order
from desk.store.engine import Store
from desk.store.keys import load_key
from desk.trading.broker import Placement
from desk.trading.courier import Courier, announce_delivery
from desk.trading.halt import HaltSwitch
from desk.trading.outbox import OutboxState, Row
from desk.trading.tokens import TokenSigner


def main() -> None:
    """See the module."""
    folder, redis_url, boundary, chance, most = sys.argv[1:]
    home, wall = Path(folder), WallClock()
    killer = Killer(home, boundary, float(chance), int(most))
    store, bus, placed = Store.in_folder(home), RedisBus(redis_url), [False]

    def committing(_: Connection) -> None:
        if placed[0]:
            killer.passing("commit")

    event.listen(store.engine, "commit", committing)
    venue = _venue(home, killer, placed)

    def tell(row: Row, state: OutboxState) -> None:
        announce_delivery(bus, row, state)

    courier = Courier(
        store,
        venue,
        wall,
        HaltSwitch(home, None, wall).reason,
        tell=tell,
    )

    def execute(client_id: str) -> None:
        placed[0] = False
        courier.deliver(client_id)
        killer.passing("ack")

    app = build_celery(redis_url)
    register(app, EXECUTE, execute)
    name = f"matrix-{os.getpid()}@here"
    app.Worker(
        hostname=name, pool="solo", without_mingle=True, without_gossip=True, loglevel="ERROR", quiet=True
    ).start()


def _venue(home: Path, killer: Killer, placed: list[bool]) -> DiskVenue:
    class Venue(DiskVenue):
        def place(self, order: Order, token: str) -> Placement:
            killer.passing("claim")
            placement = super().place(order, token)
            killer.passing("venue call")
            placed[0] = True
            return placement

    return Venue(home, TokenSigner(load_key(home / "keys" / "gate.key")), WallClock())


if __name__ == "__main__":
    main()
