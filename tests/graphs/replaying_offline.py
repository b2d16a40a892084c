"""Replays bundle files in a process that may do nothing else: no connection, not to this machine either, no file
written, no database opened, no process begun. Prints one JSON line a file.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from graphs.bundle import answer_text, read_file
from graphs.replaying import check_code, replay

FORBIDDEN = frozenset(
    {
        "socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo",
        "socket.gethostbyname",
        "sqlite3.connect", "subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.fork",
        "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.truncate",
    }
)  # fmt: skip
WRITING = 1 | 2 | 64 | 512 | 1024  # O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND


class Forbidden(BaseException):
    """Not an Exception: nothing on the way may swallow it."""


def forbid(event: str, args: tuple[object, ...]) -> None:
    """The interpreter's own hook: what was opened cannot be closed behind its back."""
    writes = event == "open" and isinstance(args[2], int) and args[2] & WRITING
    if event in FORBIDDEN or writes:
        raise Forbidden(f"{event} {args!r}")


async def main(files: list[str]) -> None:
    sys.addaudithook(forbid)
    for name in files:
        sealed = read_file(Path(name).read_bytes())
        check_code(sealed.bundle)
        found = await replay(sealed.bundle)
        line = {"file": name, "identical": found.identical, "fields": found.fields, "agents": len(sealed.bundle.parts)}
        sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    assert answer_text({}) == "{}"
    asyncio.run(main(sys.argv[1:]))
