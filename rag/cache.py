"""Parsed filings kept on disk, so that a second start reads no HTML.

The file name holds the content hash and the parser's version; a damaged or older file is
simply parsed again.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from desk.errors import DataFolderError
from desk.filings.source import Filing
from rag.documents import Document
from rag.parse import parse_filing

VERSION = 4
"""Raised whenever parsing changes what it writes."""


def load_document(filing: Filing, raw: bytes, folder: Path) -> Document:
    """The parsed filing, from the cache in `folder` when there, else parsed and kept.

    DataFolderError when the folder cannot be written.
    """
    digest = hashlib.sha256(raw).hexdigest()
    name = hashlib.sha256(f"{digest} {filing!r}".encode()).hexdigest()[:32]
    path = folder / f"{name}-v{VERSION}.json"
    adapter = TypeAdapter(Document)
    try:
        return adapter.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        pass
    document = parse_filing(filing, raw)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        draft.write_bytes(adapter.dump_json(document))
        draft.replace(path)
    except OSError as error:
        raise DataFolderError(f"cannot keep parsed filings in {folder} ({error}); make it writable") from None
    return document
