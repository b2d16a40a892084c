"""A run on disk, line by line, so that one that was stopped goes on.

The first line says what the run is of (`Origin`), each further line is the result of one case in one trial. A line that
a killed process wrote half is dropped. While a process works on the run it holds a lock on the file, which the system
drops when it dies.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

from pydantic import ValidationError

from desk.errors import Conflict, InputError
from evals.dataset import CaseResult, Origin

NAMES = {
    "cases": "the cases",
    "model": "the model",
    "prompts": "the chosen prompts",
    "prompt_texts": "the prompts' texts",
    "code": "the code",
    "trials": "the number of trials",
}


class Journal:
    """One run's file, held by this process until `close`. `done`: results by trial and case id."""

    def __init__(self, path: Path, origin: Origin) -> None:
        self.path, self.origin = path, origin
        self.done: dict[tuple[int, str], CaseResult] = {}
        self._file = path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise Conflict(f"run {origin.run} goes on in another process") from None

    def begin(self) -> None:
        """Writes the first line."""
        self._write(self.origin.model_dump_json())

    def load(self) -> None:
        """Reads what is done and cuts off a last line that is not whole."""
        _, self.done, whole = _read(self.path)
        os.truncate(self.path, whole)

    def keep(self, trial: int, result: CaseResult) -> None:
        """Adds one result; on disk when this returns, as far as a killed process is concerned."""
        self._write(json.dumps({"trial": trial, "result": result.model_dump(mode="json")}))

    def close(self) -> None:
        """Gives the run up."""
        self._file.close()

    def _write(self, line: str) -> None:
        self._file.write(line + "\n")
        self._file.flush()


def is_held(path: Path) -> bool:
    """Whether a process works on the run."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def read_origin(path: Path) -> Origin | None:
    """What the run is of; None for a file that is none of ours."""
    try:
        with path.open("rb") as file:
            return Origin.model_validate_json(file.readline())
    except (OSError, ValidationError):
        return None


def count_done(path: Path) -> int:
    """How many results the file holds; 0 without a file."""
    try:
        return max(0, path.read_bytes().count(b"\n") - 1)
    except OSError:
        return 0


def check_same(before: Origin, now: Origin) -> None:
    """Conflict that names what changed since the run began; a run of one thing never goes on as one of another."""
    changed = [words for name, words in NAMES.items() if getattr(before, name) != getattr(now, name)]
    if changed:
        raise Conflict(
            f"run {before.run} cannot go on, what it began with is not the same any more: {' and '.join(changed)}; "
            "start it without --resume"
        )


def _read(path: Path) -> tuple[Origin, dict[tuple[int, str], CaseResult], int]:
    """Origin, results, and the bytes that are whole. InputError for a file that is no run."""
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    lines = data[:whole].splitlines()
    done = {}
    try:
        origin = Origin.model_validate_json(lines[0])
        for line in lines[1:]:
            row = json.loads(line)
            result = CaseResult.model_validate(row["result"])
            done[int(row["trial"]), result.id] = result
    except (ValidationError, ValueError, KeyError, TypeError, IndexError):
        raise InputError(f"{path.name} is not the file of a run") from None
    return origin, done, whole
