"""What the desk keeps about a person outside the sealed log, and how it goes when the person is erased.

Every room that stores such rows registers a `SubjectStore`; erasing a person destroys their data key (with it, what
is sealed in the audit log) and asks every store, in one transaction: all of it goes, or nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from sqlalchemy import Connection

from desk.store.keys import SubjectKeys


class SubjectStore(Protocol):
    """Rows about people. `subject_rows` says what they are, for the report of an erasure."""

    subject_rows: str

    def erase_subject(self, connection: Connection, person: str) -> int:
        """Deletes the person's rows, or makes them nobody's; how many. A repeat finds none."""
        ...


def erase_subject(
    connection: Connection, keys: SubjectKeys, stores: Iterable[SubjectStore], person: str, now: str
) -> dict[str, int]:
    """Erases a person in the caller's transaction; how many rows of each kind went."""
    keys.erase(connection, person, now)
    return {store.subject_rows: store.erase_subject(connection, person) for store in stores}
