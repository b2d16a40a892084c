"""Long work in a process of its own: the desk's orders do not wait for it, and ending it is ending a process."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from desk.errors import Conflict, DataError, InputError, TenorError

NICE = 5
LOOK_S = 0.1
"""How often it is asked whether the work is still wanted."""

Heard = Callable[[str], None]
Given = TypeVar("Given")
Made = TypeVar("Made")


def run_apart(
    work: Callable[[Given, Heard], Made],
    given: Given,
    heard: Heard = lambda _: None,
    unwanted: Callable[[], bool] = lambda: False,
) -> Made:
    """What `work` (a module's own function) makes of `given`; both and the answer must be picklable.

    Blocks. `heard` gets what the work says on its way. Conflict when it became unwanted, DataError or InputError as
    the work raised them, DataError for anything else that it raised and when its process was ended from outside.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(theirs, work, given), daemon=True)
    process.start()
    theirs.close()
    try:
        while not unwanted():
            if not ours.poll(LOOK_S):
                continue
            kind, told = _receive(ours)
            if kind == "done":
                made: Made = told
                return made
            if kind != "step":
                raise InputError(told) if kind == "input" else DataError(told)
            heard(told)
        raise Conflict("cancelled")
    finally:
        ours.close()
        process.kill()
        process.join()


def _receive(line: Connection) -> tuple[str, Any]:
    try:
        found: tuple[str, Any] = line.recv()
        return found
    except (EOFError, OSError):
        return "error", "the process that worked on it was ended; ask again"


def _serve(line: Connection, work: Callable[[Given, Heard], Made], given: Given) -> None:
    os.nice(NICE)
    try:
        line.send(("done", work(given, lambda told: line.send(("step", told)))))
    except TenorError as error:
        line.send(("input" if isinstance(error, InputError) else "error", error.message))
    except Exception as error:  # noqa: BLE001 - told to whoever asked
        line.send(("error", f"it broke: {type(error).__name__}: {error}"))
