"""Who runs the parts of a sweep: Celery workers, on this machine or on others that share the data folder.

The tasks go through the server of TENOR_REDIS_URL, or, without one, through a folder of the sweep. `run_sweep` begins
worker processes of its own; any number of `python -m desk.experiments.hands BROKER` elsewhere take tasks too. A task
that is lost with its worker is sent again; a part that is there is not run twice.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from desk.errors import DataError, InputError
from desk.experiments.sweep import Plan, open_plan, run_part
from desk.forecast.registry import Registry
from desk.jobs.queue import build_research
from desk.market.history import History

if TYPE_CHECKING:
    from celery import Celery

RUN = "tenor.sweep_part"
LOOK_S, AGAIN_S, PATIENCE_S = 0.2, 120.0, 600.0
"""How often results are looked for; after how long without any the missing parts are sent again; and given up."""


def run_sweep(
    plan: Plan, redis_url: str, workers: int, progress: Callable[[int, int], None] = lambda *_: None
) -> list[dict[str, object]]:
    """The rows of a sweep, all of them, with as many worker processes begun here; those elsewhere help.

    InputError for a count that is not 0 to 64; DataError when no part comes for ten minutes.
    """
    if not 0 <= workers <= 64:
        raise InputError(f"--workers {workers} is not between 0 and 64")
    missing = plan.missing()
    if missing:
        broker = redis_url or f"filesystem://{plan.folder}"
        with _begun(broker, min(workers, len(missing))):
            _await(plan, build_research(broker), progress)
    return plan.rows()


def _await(plan: Plan, app: Celery, progress: Callable[[int, int], None]) -> None:
    left, told, sent = len(plan.missing()) + 1, time.monotonic(), 0.0
    while missing := plan.missing():
        now = time.monotonic()
        if len(missing) < left:
            left, told = len(missing), now
            progress(plan.parts - left, plan.parts)
        if now - told > PATIENCE_S:
            raise DataError(f"no part of sweep {plan.folder.name} came for {PATIENCE_S:.0f} s; are there workers?")
        if not sent or now - max(sent, told) > AGAIN_S:
            for part in missing:
                app.send_task(RUN, args=[str(plan.folder), part], retry=False)
            sent = now
        time.sleep(LOOK_S)
    progress(plan.parts, plan.parts)


@contextmanager
def _begun(broker: str, count: int) -> Iterator[None]:
    """Worker processes that end with the block."""
    command = [sys.executable, "-m", "desk.experiments.hands", broker, str(os.getpid())]
    # one thread each: two workers on two cores must not fight over them
    alone = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    hands = [subprocess.Popen(command, env=alone, stdout=subprocess.DEVNULL) for _ in range(count)]
    try:
        yield
    finally:
        for hand in hands:
            hand.kill()  # a part is written whole or not at all: nothing is lost, and a farewell takes seconds
            hand.wait()


def work(broker: str, parent: int = 0) -> None:
    """Takes tasks one at a time until told to stop, or until the process `parent` is gone."""
    app, instruments, models = build_research(broker), History().instruments, dict[str, Registry]()

    def run(folder: str, part: int) -> None:
        plan = open_plan(Path(folder))
        kept = models.setdefault(folder, Registry(plan.folder.parent.parent / "models"))
        run_part(plan, part, instruments, kept)

    app.task(name=RUN, shared=False, lazy=False)(run)
    if parent:
        import threading

        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    name = f"research-{os.getpid()}@tenor"
    app.Worker(
        hostname=name, pool="solo", without_mingle=True, without_gossip=True, loglevel="ERROR", quiet=True
    ).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    work(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)
