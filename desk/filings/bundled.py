"""The filings in the box: a few real EDGAR documents, listed in `data/catalogue.yaml`."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from desk.errors import DataError, NotFound
from desk.filings.source import Filing, Media
from desk.yaml_text import read_yaml

FOLDER = Path(__file__).parent / "data"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str
    file: str
    company: str
    form: str
    cik: str = ""
    ticker: str = ""
    fiscal_year: int | None = None
    fiscal_period: str = ""
    period_end: date | None = None
    filed: date | None = None
    media: Media = "html"
    exhibit: str = ""


class BundledFilings:
    """FilingSource over a folder holding `catalogue.yaml` and gzipped documents.

    The catalogue is read at the first call. A catalogue or document that is missing or damaged
    raises DataError naming the file.
    """

    label = "bundled copies of public EDGAR documents"

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._entries: dict[str, _Entry] | None = None

    def filings(self) -> Sequence[Filing]:
        """Every filing in the box, in catalogue order."""
        return [
            Filing(**entry.model_dump(exclude={"file"}), source="SEC EDGAR (public record), bundled copy")
            for entry in self._catalogue().values()
        ]

    def fetch(self, id: str) -> bytes:
        """The document, unpacked."""
        entry = self._catalogue().get(id)
        if entry is None:
            raise NotFound(f"no bundled filing has the id {id!r}; list the filings for their ids")
        path = self._folder / entry.file
        try:
            return gzip.decompress(path.read_bytes())
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(
                f"bundled filing {entry.file} cannot be read ({error}); install the product again"
            ) from None

    def _catalogue(self) -> dict[str, _Entry]:
        if self._entries is None:
            import yaml

            path = self._folder / "catalogue.yaml"
            try:
                entries = TypeAdapter(list[_Entry]).validate_python(read_yaml(path.read_text()))
            except (OSError, ValueError, yaml.YAMLError) as error:
                raise DataError(f"the catalogue of bundled filings {path.name} cannot be read: {error}") from None
            self._entries = {entry.id: entry for entry in entries}
        return self._entries
