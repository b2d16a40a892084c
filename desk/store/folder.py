"""The data folder and its single holder.

Exactly one process holds a folder (an advisory lock that the system drops when the process dies).
`VERSION` says which format the folder has; one from a newer version is never touched.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import suppress
from pathlib import Path

from desk.errors import DataFolderError, HolderBusy

FORMAT = 1
LOCK, SOCKET, HELD_BY = "holder.lock", "holder.sock", "holder.json"


class DataFolder:
    """A folder that was found usable. `hold` makes this process its holder; `release` ends that."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None
        self._open()

    @property
    def socket(self) -> Path:
        """Where the holder takes commands (Unix socket, mode 600)."""
        return self.path / SOCKET

    def hold(self, about: dict[str, object]) -> bool:
        """Becomes the holder; False when another process is. `about` says who (pid, address)."""
        handle = os.open(self.path / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._lock = handle
        self.describe(about)
        return True

    def describe(self, about: dict[str, object]) -> None:
        """Writes what others may know of the holder."""
        (self.path / HELD_BY).write_text(json.dumps({"pid": os.getpid(), **about}))

    def held_by(self) -> dict[str, object] | None:
        """What the present holder said of itself; None when nobody holds the folder."""
        if self._lock is None and self._is_free():
            return None
        try:
            return dict(json.loads((self.path / HELD_BY).read_text()))
        except (OSError, ValueError):
            return {}

    def release(self) -> None:
        """Gives the folder up; safe to call twice."""
        if self._lock is None:
            return
        for name in (HELD_BY, SOCKET):
            with suppress(OSError):
                (self.path / name).unlink()
        os.close(self._lock)
        self._lock = None

    def _is_free(self) -> bool:
        try:
            handle = os.open(self.path / LOCK, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return True
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(handle)
        return True

    def _open(self) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            version = self.path / "VERSION"
            if not version.exists():
                version.write_text(f"{FORMAT}\n")
            found = version.read_text().strip()
            probe = self.path / f".probe-{os.getpid()}"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise DataFolderError(
                f"the data folder {self.path} cannot be written ({error.strerror}); "
                "give yourself the right to, or name another with --home"
            ) from None
        if not found.isdigit() or int(found) > FORMAT:
            raise DataFolderError(
                f"the data folder {self.path} has format {found!r}, this version knows {FORMAT}; "
                "install the newer version that wrote it, or name another with --home"
            )


def busy(folder: DataFolder, why: str) -> HolderBusy:
    """The error for a folder whose holder does not take commands."""
    about = folder.held_by() or {}
    return HolderBusy(
        f"the desk in {folder.path} is held by process {about.get('pid', '?')}, which {why}; stop it first"
    )
