"""The process that holds the desk of the matrix: proposes, approves, sends, and books, until all is filled.

`python -m bench.crash.holder FOLDER REDIS_URL BOUNDARY CHANCE MOST ORDERS AHEAD`, with AHEAD orders on their way at
once. When a task is published for the first time is noted in `sent`.
Exit code 0 when every order is final. An order known to be durable is noted, synced, in `acknowledged`;
one noted and then missing after a start is written to `lost`.
"""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path

from bench.crash.boundaries import Killer
from bench.crash.desk import TRADER, Matrix, open_matrix, propose
from desk.bus.redis import RedisBus
from desk.errors import NotFound
from desk.orders import FINAL_STATES, Order

DOUBLED = 0.15
"""The share of tasks that are published twice on purpose."""

LONGEST_S = 300.0


def main() -> None:
    """See the module."""
    folder, redis_url, boundary, chance, most, orders, ahead = sys.argv[1:]
    killer = Killer(Path(folder), boundary, float(chance), int(most))
    _double_tasks(killer, Path(folder), twice=int(ahead) > 1)
    matrix = open_matrix(Path(folder), redis_url, RedisBus(redis_url), killer)
    _check_kept(matrix, Path(folder))
    matrix.workers.start()
    _trade(matrix, Path(folder), killer, int(orders), int(ahead))
    matrix.close()


def _double_tasks(killer: Killer, folder: Path, twice: bool) -> None:
    """Publishes some tasks twice, notes when, and may die before and after publishing."""
    from celery import current_app
    from celery.signals import after_task_publish, before_task_publish

    dice, again, times = random.Random(time.time_ns()), [False], (folder / "sent").open("a")

    def before(headers: dict[str, str], **_: object) -> None:
        times.write(f"{headers['id'].removeprefix('execute-')} {time.time_ns()}\n")
        times.flush()
        killer.passing("publish")

    def after(sender: str, headers: dict[str, str], **_: object) -> None:
        killer.passing("publish")
        if twice and not again[0] and dice.random() < DOUBLED:
            again[0] = True
            current_app.send_task(sender, args=[headers["id"].removeprefix("execute-")], task_id=headers["id"])
            again[0] = False

    before_task_publish.connect(before, weak=False)
    after_task_publish.connect(after, weak=False)


def _check_kept(matrix: Matrix, folder: Path) -> None:
    notes = folder / "acknowledged"
    known = {status.order.client_id for status in matrix.trading.orders()}
    lost = set(notes.read_text().split()) - known if notes.exists() else set()
    if lost:
        with (folder / "lost").open("a") as file:
            file.write("\n".join(sorted(lost)) + "\n")


def _trade(matrix: Matrix, folder: Path, killer: Killer, orders: int, ahead: int) -> None:
    ends, sent = time.monotonic() + LONGEST_S, list[str]()
    with (folder / "acknowledged").open("a") as notes:
        for n in range(orders):
            order = _answer(matrix, n)
            if matrix.trading.accounts.find(order.client_id) is None:
                killer.passing("gate")
                matrix.trading.gate.submit(order, route="broker", exact=True)
                killer.passing("gate")
            if matrix.trading.wait_durable(order.client_id):
                notes.write(order.client_id + "\n")
                notes.flush()
                os.fsync(notes.fileno())
            sent.append(order.client_id)
            while len(_open(matrix, sent)) >= ahead and time.monotonic() < ends:
                time.sleep(0.005)
        while _open(matrix, sent):
            if time.monotonic() > ends:
                raise SystemExit(3)
            time.sleep(0.02)


def _answer(matrix: Matrix, n: int) -> Order:
    approval = propose(matrix, n)
    if approval.state == "waiting":
        approval = matrix.approvals.answer(approval.id, TRADER, "approve")
    return approval.orders[0]


def _open(matrix: Matrix, sent: list[str]) -> list[str]:
    """Of the orders that were sent, those not final; the finished ones are dropped from the list."""
    sent[:] = [id for id in sent if not _final(matrix, id)]
    return sent


def _final(matrix: Matrix, id: str) -> bool:
    try:
        return matrix.trading.status(id).state in FINAL_STATES and matrix.trading.execution.state(id) == "done"
    except NotFound:
        return False


if __name__ == "__main__":
    main()
