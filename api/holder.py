"""One holder: a command beside a running desk is handed to it whole, over a Unix socket.

The wire is one JSON line each way: `{"argv": […], "cwd": "…"}` and `{"exit": 0, "result": {…},
"error": null, "text": "…"}`. The socket has mode 600; whoever may open it is the machine's owner.
"""

from __future__ import annotations

import asyncio
import getpass
import json
import math
import os
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import structlog

from desk.errors import OrderRefused, TenorError
from desk.store.folder import DataFolder, busy

LONGEST_LINE = 64_000_000
ANSWER_S = 600.0


class Outcome(NamedTuple):
    """What a command came to: its exit code, its one object, its text for a person, its error."""

    exit: int
    result: dict[str, object] | None = None
    text: str = ""
    error: dict[str, object] | None = None


Execute = Callable[[list[str], str, str], Awaitable[Outcome]]
"""Runs argv for a folder (`cwd`) and a system user."""


def failed(error: TenorError) -> Outcome:
    """The outcome of a command that raised; of a refusal with its rule and numbers."""
    details = error.details if isinstance(error, OrderRefused) else {}
    return Outcome(1, error={"code": error.code, "message": error.message, **details})


def hand_over(folder: DataFolder, argv: list[str], answer_s: float = ANSWER_S) -> Outcome | None:
    """The holder's outcome of a command; None when nobody holds the folder.

    Raises HolderBusy when there is a holder that does not answer within `answer_s`; one that wakes
    later leaves the command alone.
    """
    if folder.held_by() is None:
        return None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(answer_s)
        try:
            line.connect(_short(folder.socket))
            request = {"argv": argv, "cwd": str(Path.cwd()), "user": getpass.getuser(), "until": time.time() + answer_s}
            line.sendall(json.dumps(request).encode() + b"\n")
            with line.makefile("rb") as answers:
                answer = answers.readline(LONGEST_LINE)
        except OSError as error:
            raise busy(folder, f"takes no commands ({error.strerror or error})") from None
    if not answer:
        raise busy(folder, "ended before it answered")
    return Outcome(**json.loads(answer))


async def serve(folder: DataFolder, execute: Execute) -> asyncio.Server:
    """Takes commands until the returned server is closed."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = json.loads(await reader.readline())
            if time.time() > request.get("until", math.inf):
                writer.close()  # who asked has gone, and was told so
                return
            outcome = await execute(request["argv"], request["cwd"], request["user"])
        except (ValueError, KeyError, TypeError):
            outcome = Outcome(2, error={"code": "input", "message": "the command did not arrive whole"})
        except Exception:  # noqa: BLE001 - one command must not end the holder
            structlog.get_logger("holder").exception("command failed")
            outcome = Outcome(1, error={"code": "internal", "message": "the desk failed unexpectedly; see its log"})
        with suppress(ConnectionError):
            writer.write(json.dumps(outcome._asdict(), default=str).encode() + b"\n")
            await writer.drain()
            writer.close()

    with suppress(OSError):
        folder.socket.unlink()
    before = os.umask(0o177)
    try:
        return await asyncio.start_unix_server(take, path=_short(folder.socket), limit=LONGEST_LINE)
    finally:
        os.umask(before)


def _short(path: Path) -> str:
    """A Unix socket's address may have about 100 bytes; a link under the temporary folder is shorter."""
    if len(os.fsencode(path)) < 100:
        return str(path)
    relative = os.path.relpath(path)
    if len(os.fsencode(relative)) < 100:
        return relative
    raise TenorError(
        f"the data folder {path.parent} has too long a path for a socket; choose a shorter one with --home"
    )
