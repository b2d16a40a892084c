"""What a GGUF file says of itself, read without loading it.

The format is llama.cpp's (GGUF, versions 2 and 3): magic, version, counts, then typed key-value pairs, little-endian.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import IO, NamedTuple

from desk.errors import DataError

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MOST_PAIRS, MOST_TEXT, MOST_ITEMS = 4096, 1 << 24, 1 << 24
_NUMBERS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_TEXT, _ARRAY = 8, 9

Value = int | float | bool | str | None


class GgufFacts(NamedTuple):
    """Name and architecture as the file says (empty when it does not); `context` in tokens it was trained for."""

    name: str
    architecture: str
    context: int
    chat: bool


def read_gguf(path: Path) -> GgufFacts:
    """The file's own words. DataError when it cannot be read, is no GGUF file, or holds no language model."""
    try:
        with path.open("rb") as file:
            pairs = _read_pairs(file)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}; name a readable GGUF file") from None
    except (struct.error, UnicodeDecodeError, ValueError) as error:
        raise DataError(f"{path} is not a whole GGUF file ({error}); name a GGUF model file") from None
    architecture = str(pairs.get("general.architecture") or "")
    context = pairs.get(f"{architecture}.context_length")
    if not architecture or not isinstance(context, int):
        raise DataError(f"{path} holds no language model (no architecture or context length); name another file")
    return GgufFacts(str(pairs.get("general.name") or ""), architecture, context, "tokenizer.chat_template" in pairs)


def _read_pairs(file: IO[bytes]) -> dict[str, Value]:
    if file.read(4) != MAGIC:
        raise ValueError("its first bytes are not GGUF")
    version, _, count = _unpack(file, "<IQQ")
    if version not in VERSIONS:
        raise ValueError(f"version {version} is not one of {VERSIONS}")
    if count > MOST_PAIRS:
        raise ValueError(f"it claims {count} entries")
    pairs: dict[str, Value] = {}
    for _ in range(count):
        name = _read_text(file)
        (kind,) = _unpack(file, "<I")
        pairs[name] = _read_value(file, kind)
    return pairs


def _read_value(file: IO[bytes], kind: int) -> Value:
    """A number or text; arrays are passed over."""
    if kind == _TEXT:
        return _read_text(file)
    if kind == _ARRAY:
        of, count = _unpack(file, "<IQ")
        if count > MOST_ITEMS or of == _ARRAY:
            raise ValueError(f"an array of {count} entries")
        if of != _TEXT:
            file.seek(count * struct.calcsize(_form(of)), 1)
            return None
        for _ in range(count):
            _read_text(file)
        return None
    (value,) = _unpack(file, _form(kind))
    return value if isinstance(value, int | float) else None


def _form(kind: int) -> str:
    if kind not in _NUMBERS:
        raise ValueError(f"an entry of unknown type {kind}")
    return _NUMBERS[kind]


def _read_text(file: IO[bytes]) -> str:
    (length,) = _unpack(file, "<Q")
    if length > MOST_TEXT:
        raise ValueError(f"a text of {length} bytes")
    found = file.read(length)
    if len(found) < length:
        raise ValueError("it ends too early")
    return found.decode("utf-8", errors="replace")


def _unpack(file: IO[bytes], form: str) -> tuple[int, ...]:
    return struct.unpack(form, file.read(struct.calcsize(form)))
