"""Master key and per-subject data keys.

A person's payloads in the ledger are sealed with that subject's own data key (AES-256-GCM);
the data key is kept wrapped by the master key. Destroying the wrapped key erases the payloads
without touching the log.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, bindparam, insert, select, update

from desk.errors import DataFolderError, NotFound
from desk.store.statements import Statement
from desk.store.tables import subject_keys

_NONCE = 12
_FIND = Statement(
    select(subject_keys.c.wrapped, subject_keys.c.erased_at).where(subject_keys.c.subject_id == bindparam("subject")),
    "subject",
)


def load_key(path: Path, size: int = 32) -> bytes:
    """Reads a secret file of `size` bytes, making it (mode 600) when it is not there.

    Raises DataFolderError when the file has another length.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(size))
            file.flush()
            os.fsync(file.fileno())
    key = path.read_bytes()
    if len(key) != size:
        raise DataFolderError(f"key file {path.name} holds {len(key)} bytes, not {size}; restore it from a backup")
    return key


class Sealer:
    """Seals under one key, made ready once."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, about: bytes = b"") -> bytes:
        """Nonce + AES-256-GCM ciphertext; `about` is authenticated, not encrypted."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, about)


def seal(key: bytes, plain: bytes, about: bytes = b"") -> bytes:
    """See `Sealer.seal`."""
    return Sealer(key).seal(plain, about)


def unseal(key: bytes, sealed: bytes, about: bytes = b"") -> bytes:
    """The plain bytes; DataFolderError when the key is wrong or a byte was changed."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], about)
    except InvalidTag:
        raise DataFolderError("a sealed value cannot be opened: wrong master key, or it was changed") from None


class SubjectKeys:
    """Data keys per subject, wrapped by the master key."""

    def __init__(self, master: bytes) -> None:
        self._master = master

    def key(self, connection: Connection, subject: str, now: str) -> bytes:
        """The subject's data key, made at first use. NotFound once it was erased."""
        found = _FIND.rows(connection, subject)
        if not found:
            fresh = secrets.token_bytes(32)
            made = seal(self._master, fresh, subject.encode())
            connection.execute(insert(subject_keys).values(subject_id=subject, wrapped=made, created_at=now))
            return fresh
        wrapped, erased_at = found[0]
        if not isinstance(wrapped, bytes):
            raise NotFound(f"the data of subject {subject} was erased at {erased_at}")
        return unseal(self._master, wrapped, subject.encode())

    def erase(self, connection: Connection, subject: str, now: str) -> None:
        """Destroys the subject's data key; a second call changes nothing."""
        connection.execute(
            update(subject_keys)
            .where(subject_keys.c.subject_id == subject, subject_keys.c.erased_at.is_(None))
            .values(wrapped=None, erased_at=now)
        )
