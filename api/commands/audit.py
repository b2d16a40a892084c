"""`tenor audit export` and `tenor audit verify`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from api.commands.seat import Seat
from api.holder import Outcome
from desk.clock import to_iso
from desk.errors import InputError
from desk.ledger.verify import verify_file


async def audit(seat: Seat) -> Outcome:
    """Writes the export."""
    path, desk = seat.path(seat.args.out), seat.runtime.desk
    try:
        head = await asyncio.to_thread(desk.ledger.export, path, to_iso(desk.wall.now()))
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from None
    result: dict[str, object] = {"file": str(path), "records": head.size, "root": head.root, "key": head.key}
    return Outcome(0, result, f"{head.size} records in {path}\nroot {head.root}\nkey  {head.key}")


def verify(path: Path, key: str) -> Outcome:
    """Verifies a file; needs no desk. The exit code is 1 when a record is wrong."""
    if not path.is_file():
        raise InputError(f"there is no file {path}")
    verdict = verify_file(path, key)
    bad = verdict["first_bad"]
    text = f"{verdict['records']} records verify." if bad is None else f"Record {bad['seq']} is wrong: {bad['why']}"
    return Outcome(0 if verdict["ok"] else 1, dict(verdict), text)
