"""Fitted models as files: each with a record of the data, code, seed and settings it came from, and its own hash.

A model is found again by the hash of what it was fitted on, so a walk that was stopped goes on where it stood, and
the same data, code, seed and settings never fit twice. A file whose content is not what its record says is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from desk.errors import DataError, DataFolderError

KEY = 24
"""Letters of a hash that name a file; the whole hash stands in the record."""


class Origin(NamedTuple):
    """What makes a model: its kind, hashes of data and code, the seed, and plain settings (versions among them)."""

    kind: str
    data: str
    code: str
    seed: int
    settings: Mapping[str, object]

    @property
    def key(self) -> str:
        """Names the model; equal origins have equal keys."""
        plain = json.dumps([self.kind, self.data, self.code, self.seed, dict(self.settings)], sort_keys=True)
        return hashlib.sha256(plain.encode()).hexdigest()[:KEY]


class Registry:
    """Models in a folder, or in memory without one. Safe for several processes: files appear whole."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._memory: dict[str, bytes] = {}

    def find(self, origin: Origin) -> bytes | None:
        """The model of this origin; None when it was not fitted yet, DataError when its file is not what was kept."""
        if self._folder is None:
            return self._memory.get(origin.key)
        path = self._path(origin)
        return read_model(path)[0] if path.exists() else None

    def keep(self, origin: Origin, content: bytes) -> None:
        """Keeps a model. DataFolderError when the folder cannot be written."""
        if self._folder is None:
            self._memory[origin.key] = content
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_model(self._path(origin), content, {**origin._asdict(), "settings": dict(origin.settings)})
        except OSError as error:
            raise DataFolderError(f"a fitted model cannot be kept ({error.strerror})") from None

    def _path(self, origin: Origin) -> Path:
        return (self._folder or Path()) / f"{origin.kind}-{origin.key}.model"


def write_model(path: Path, content: bytes, about: Mapping[str, object]) -> None:
    """Writes a model, then its record beside it, each whole or not at all."""
    record = json.dumps({"sha256": hashlib.sha256(content).hexdigest(), **about}, indent=1, default=str) + "\n"
    for target, text in ((path.with_suffix(".json"), record.encode()), (path, content)):
        draft = target.with_name(f"{target.name}.{os.getpid()}.tmp")
        draft.write_bytes(text)
        draft.replace(target)


def read_model(path: Path) -> tuple[bytes, dict[str, object]]:
    """A model and its record.

    DataError when either is missing or damaged, or when the model is not the one that the record tells of.
    """
    try:
        content = path.read_bytes()
        about: dict[str, object] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"the model {path.name} cannot be read ({type(error).__name__}); delete it and fit it again"
        ) from None
    found = hashlib.sha256(content).hexdigest()
    if found != about.get("sha256"):
        raise DataError(
            f"the model {path.name} has the hash {found[:12]}, its record says {str(about.get('sha256'))[:12]}; "
            "delete both and fit it again"
        )
    return content, about


def hash_arrays(arrays: Sequence[NDArray[np.float64]]) -> str:
    """SHA-256 over shapes and bytes."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(repr(array.shape).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def hash_code(files: Sequence[str]) -> str:
    """SHA-256 over source files: a model belongs to the code that made its features."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(Path(file).read_bytes())
    return digest.hexdigest()
