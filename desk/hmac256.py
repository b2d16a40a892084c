"""HMAC-SHA256 for the hot path.

The library's one-call form lets go of the interpreter's lock, and with a busy second thread taking it
back costs fifty times the hash. Here the key's two blocks are hashed once and copied (RFC 2104,
section 4); messages below 2 kB are hashed without letting go.
"""

from __future__ import annotations

from hashlib import sha256

_BLOCK = 64


class Hmac256:
    """HMAC-SHA256 with one key; thread-safe. Equal to `hmac.digest(key, message, "sha256")`."""

    def __init__(self, key: bytes) -> None:
        padded = (sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in padded))

    def digest(self, message: bytes) -> bytes:
        """The 32 bytes of the code."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()
