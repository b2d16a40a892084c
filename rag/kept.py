"""The filings a person or EDGAR brought in, in a folder: each whole or not there, old versions kept by hash.

`ID.gz` and `ID.json` are a filing's current version; `versions/ID/HASH.gz` and `.json` what it was before. A filing
that a crash or a full disk left without its `.json` is not listed, and the next run completes it.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from desk.errors import DataError, DataFolderError, NotFound
from desk.filings.source import Filing
from desk.store.whole import write_whole

State = Literal["new", "known", "changed"]
_ADAPTER = TypeAdapter(Filing)
_ID = re.compile(r"[a-z0-9-]+")


class LocalFilings:
    """FilingSource over one folder of kept filings."""

    label = "your own files"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def filings(self) -> Sequence[Filing]:
        """Every filing kept, by id, in its current version. A damaged entry raises DataError naming it."""
        return [_load(path) for path in sorted(self._folder.glob("*.json"))]

    def fetch(self, id: str) -> bytes:
        """The current version's bytes."""
        return _unpack(self._path(self._folder, id, "gz"), id)

    def knows(self, id: str) -> bool:
        """Whether a filing of this id is kept."""
        return bool(_ID.fullmatch(id)) and (self._folder / f"{id}.json").is_file()

    def versions(self, id: str) -> list[str]:
        """Hashes (SHA-256 of the bytes) of the versions before the current one; empty when it never changed."""
        known = self._folder / "versions" / id if _ID.fullmatch(id) else None
        return sorted(path.stem for path in known.glob("*.json")) if known else []

    def version(self, id: str, sha256: str) -> tuple[Filing, bytes]:
        """A version by its hash, the current one too. NotFound for a hash nobody has seen."""
        raw = self.fetch(id)
        if hashlib.sha256(raw).hexdigest() == sha256:
            return _load(self._path(self._folder, id, "json")), raw
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise NotFound(f"{sha256!r} is no version of filing {id!r}; give the whole SHA-256 that a citation names")
        folder = self._folder / "versions" / id
        return _load(self._path(folder, sha256, "json")), _unpack(self._path(folder, sha256, "gz"), id)

    def keep(self, filing: Filing, raw: bytes) -> State:
        """Keeps a filing: the same bytes again change nothing, other bytes become the current version.

        DataFolderError when the disk is full or not writable; then the filing is as it was before.
        """
        digest, state = hashlib.sha256(raw).hexdigest(), self._state(filing.id, raw)
        try:
            if state == "changed":
                self._put_aside(filing.id)
            if state != "known":
                write_whole(self._folder / f"{filing.id}.gz", gzip.compress(raw, 6, mtime=0))
            about = _ADAPTER.dump_json(filing)
            path = self._folder / f"{filing.id}.json"
            if state != "known" or not path.is_file() or path.read_bytes() != about:
                write_whole(path, about)
        except OSError as error:
            raise DataFolderError(
                f"filing {filing.id} ({digest[:12]}) cannot be kept in {self._folder} ({error.strerror or error}); "
                "make room and run the same command again: what is done is not done twice"
            ) from None
        return state

    def _state(self, id: str, raw: bytes) -> State:
        if not self.knows(id):
            return "new"
        try:
            return "known" if self.fetch(id) == raw else "changed"
        except DataError:
            return "changed"

    def _put_aside(self, id: str) -> None:
        try:
            before = self.fetch(id)
        except DataError:  # damaged: nothing can cite it any more
            return
        place = self._folder / "versions" / id / hashlib.sha256(before).hexdigest()
        write_whole(place.with_suffix(".gz"), (self._folder / f"{id}.gz").read_bytes())
        write_whole(place.with_suffix(".json"), (self._folder / f"{id}.json").read_bytes())

    def _path(self, folder: Path, name: str, suffix: str) -> Path:
        path = folder / f"{name}.{suffix}"
        if not _ID.fullmatch(name) or not path.is_file():
            raise NotFound(f"no ingested filing has the id {name!r}; list the filings for their ids")
        return path


def _load(path: Path) -> Filing:
    try:
        return _ADAPTER.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise DataError(f"ingested filing {path.name} is damaged ({error}); delete it and ingest again") from None


def _unpack(path: Path, id: str) -> bytes:
    try:
        return gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"ingested filing {id!r} is damaged ({error}); ingest it again") from None
