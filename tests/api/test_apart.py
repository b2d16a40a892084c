"""Work in a process of its own: its answer, its faults, its end."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from api.apart import NICE, Heard, run_apart
from desk.errors import Conflict, DataError, InputError


def double(given: int, heard: Heard) -> tuple[int, int, int]:
    heard("doubling")
    return 2 * given, os.getpid(), os.nice(0)


def fail(given: str, _: Heard) -> None:
    raise {"input": InputError("no such word"), "data": DataError("no closes"), "bug": ZeroDivisionError("by zero")}[
        given
    ]


def wait(_: object, heard: Heard) -> None:
    heard(str(os.getpid()))
    time.sleep(60)


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_answer_comes_from_another_nicer_process_and_steps_are_heard():
    steps: list[str] = []
    answer, process, nice = run_apart(double, 21, steps.append)
    assert (answer, steps) == (42, ["doubling"])
    assert process != os.getpid()
    assert nice == min(19, os.nice(0) + NICE)


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [("input", InputError, "no such word"), ("data", DataError, "no closes"), ("bug", DataError, "ZeroDivisionError")],
)
def test_a_fault_is_told_as_what_it_is(given, kind, words):
    with pytest.raises(kind, match=words):
        run_apart(fail, given)


def test_unwanted_work_is_ended_with_its_process():
    unwanted, steps = threading.Event(), list[str]()

    def heard(told: str) -> None:
        steps.append(told)
        unwanted.set()

    with pytest.raises(Conflict, match="cancelled"):
        run_apart(wait, None, heard, unwanted.is_set)
    assert not is_there(int(steps[0]))


def test_a_process_ended_from_outside_is_an_error():
    with pytest.raises(DataError, match="ask again"):
        run_apart(wait, None, lambda told: os.kill(int(told), signal.SIGKILL))
