"""Settings → the reading room. The only rag module that names a back end."""

from __future__ import annotations

from pathlib import Path

from desk.filings.source import FilingSource
from desk.text.embedder import MiniLmEmbedder
from rag.filings import Filings
from rag.index import FilingIndex
from rag.knowledge.entries import load_entries
from rag.knowledge.search import KnowledgeBase
from rag.vectors import BackgroundVectors

TOKENS = 48
"""How much of a general question the sentence model reads."""


def build_filings(data_folder: Path, chroma_url: str, source: FilingSource) -> Filings:
    """The filings service over `source`. Takes no time: everything is read at the first call.

    With `chroma_url` the server is asked now: BackEndUnreachable when it does not answer.
    """
    folder = data_folder / "filings"
    server = _open_server(chroma_url) if chroma_url else None

    def open_index() -> FilingIndex:
        from rag.chroma import open_embedded

        return server or open_embedded(folder / "vectors")

    return Filings(source, folder, lambda: BackgroundVectors(open_index, MiniLmEmbedder))


def build_knowledge() -> KnowledgeBase:
    """The knowledge base of general answers. Takes no time: entries and model are read at the first question."""
    return KnowledgeBase(load_entries, lambda: MiniLmEmbedder(TOKENS))


def _open_server(url: str) -> FilingIndex:
    from rag.chroma import open_server

    return open_server(url)
