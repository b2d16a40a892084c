"""A desk whose main thread hangs: its event loop sits in a blocking call while other threads go on.

`python -m tests.faults.hanging_desk FOLDER`: opens the desk, rests an order, serves the command
socket, prints `up`, hangs. A line on standard input makes another thread submit an order with that
client id and print what the gate said and where the resting order stands.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path

from api.holder import Outcome, serve
from desk.errors import TenorError
from desk.factory import open_desk
from desk.orders import Order, OrderType, Side
from desk.settings import Settings
from desk.store.folder import DataFolder
from desk.trading.desk_book import TradingDesk


def say(line: str) -> None:
    """One line to whoever started this."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def order(id: str, ticks: int) -> Order:
    """A small limit order far below the market: it rests."""
    return Order(id, "desk-1", "XNAS:AAPL", Side.BUY, Decimal(1), OrderType.LIMIT, ticks)


async def hang(folder: DataFolder) -> None:
    """Serves commands, but never comes back to the loop."""

    async def execute(argv: list[str], cwd: str, user: str) -> Outcome:
        return Outcome(0, {"never": "reached"})

    server = await serve(folder, execute)
    say("up")
    time.sleep(120)
    server.close()


def answer(desk: TradingDesk, ticks: int) -> None:
    """Submits what is asked for, from a thread that does not hang."""
    for line in sys.stdin:
        try:
            said = "accepted" if desk.gate.submit(order(line.strip(), ticks)).ok else "held"
        except TenorError as error:
            said = error.code
        say(f"{said} {desk.status('rests').state.value}")


def main() -> None:
    """See the module."""
    folder = DataFolder(Path(sys.argv[1]))
    folder.hold({"command": "up"})
    desk = open_desk(Settings(), folder)
    ticks = int(desk.feed.quote("XNAS:AAPL").bid_ticks * 0.97)
    desk.trading.gate.submit(order("rests", ticks))
    threading.Thread(target=answer, args=(desk.trading, ticks), daemon=True).start()
    asyncio.run(hang(folder))


if __name__ == "__main__":
    main()
