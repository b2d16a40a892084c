"""What a process that only replays may not do, refused by the interpreter itself."""

from __future__ import annotations

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
