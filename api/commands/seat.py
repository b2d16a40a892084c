"""Where a command sits: the running system, the person it acts for, and the folder it was typed in."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from desk.errors import Forbidden
from desk.identity.roles import Person
from graphs.runtime import Runtime

Say = Callable[[str, bool], None]
"""Shows a text while a command works; the second says whether the line is whole."""


def unheard(_: str, __: bool) -> None:
    """Nobody watches: the command was handed to a running desk."""


@dataclass(frozen=True)
class Seat:
    """`user` is the system user who typed; reads without `--as` act as the demo analyst. `say` shows progress."""

    runtime: Runtime
    args: Namespace
    user: str
    cwd: Path
    say: Say = unheard

    def named(self) -> Person:
        """The person of `--as`; Forbidden when none was named."""
        name = getattr(self.args, "person", None)
        if not name:
            raise Forbidden(f"`tenor {self.args.command}` acts in somebody's name: add --as USER")
        return self.runtime.desk.people.get(name)

    def person(self) -> Person:
        """The person of `--as`, else the demo analyst."""
        name = getattr(self.args, "person", None)
        return self.runtime.desk.people.get(name or "analyst")

    def reader(self) -> Person | None:
        """The person of `--as`; None means the machine's owner, who sees every account."""
        return self.named() if getattr(self.args, "person", None) else None

    def path(self, given: str) -> Path:
        """A path as typed, against the folder it was typed in."""
        return (self.cwd / Path(given).expanduser()).resolve()
