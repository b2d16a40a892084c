"""Takes filings in: a person's own files into the data folder, and passages into the vector index.

Both are idempotent by content hash: the same file twice is one filing, a passage already
indexed is not embedded again.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import re
import zlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from desk.errors import DataError, InputError, NotFound
from desk.filings.source import Filing, Media
from desk.text.embedder import Embedder
from rag.documents import Passage
from rag.index import FilingIndex
from rag.numerals import DATE, as_date
from rag.parse import parse_filing

if TYPE_CHECKING:
    from llama_index.core.schema import BaseNode

_MEDIA: dict[str, Media] = {".html": "html", ".htm": "html", ".txt": "text", ".pdf": "pdf", ".md": "text"}
_FORM = re.compile(r"\b(10-?[KQ](?:/A)?|8-?K|20-?F|6-?K|DEF 14A)\b", re.IGNORECASE)
MAX_BYTES = 100_000_000


class LocalFilings:
    """FilingSource over the files a person took in; kept in `folder`, one pair of files each."""

    label = "your own files"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def filings(self) -> Sequence[Filing]:
        """Every filing taken in, by id. A damaged entry raises DataError naming it."""
        out: list[Filing] = []
        for path in sorted(self._folder.glob("*.json")):
            try:
                out.append(TypeAdapter(Filing).validate_json(path.read_bytes()))
            except (OSError, ValidationError) as error:
                raise DataError(
                    f"ingested filing {path.name} is damaged ({error}); delete it and ingest again"
                ) from None
        return out

    def fetch(self, id: str) -> bytes:
        """The file's bytes as they were taken in."""
        path = self._folder / f"{id}.gz"
        if not re.fullmatch(r"[a-z0-9-]+", id) or not path.is_file():
            raise NotFound(f"no ingested filing has the id {id!r}; list the filings for their ids")
        try:
            return gzip.decompress(path.read_bytes())
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(f"ingested filing {id!r} is damaged ({error}); ingest it again") from None

    def take(self, path: Path) -> Filing:
        """Takes one file in after reading it whole; the same content again gives the same filing.

        InputError for a file type that cannot be read, DataError for a damaged or empty one.
        """
        name = path.name.removesuffix(".gz")
        media = _MEDIA.get(Path(name).suffix.lower())
        if media is None:
            raise InputError(f"file {path.name!r} cannot be read; give .html, .txt, .md or .pdf (or one of these .gz)")
        raw = _read(path)
        filing = describe_file(name, raw, media)
        if not (self._folder / f"{filing.id}.json").exists():
            try:
                parse_filing(filing, raw)
            except DataError as error:
                raise DataError(f"file {path.name!r} was not taken in: {error.message}") from None
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / f"{filing.id}.gz").write_bytes(gzip.compress(raw, mtime=0))
            (self._folder / f"{filing.id}.json").write_bytes(TypeAdapter(Filing).dump_json(filing))
        return filing


def _read(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
        raw = gzip.decompress(raw) if path.suffix == ".gz" else raw
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"file {path.name!r} cannot be read ({error}); fetch it again") from None
    if len(raw) > MAX_BYTES:
        raise InputError(f"file {path.name!r} has {len(raw):,} bytes; at most {MAX_BYTES:,} are read")
    if not raw.strip():
        raise DataError(f"file {path.name!r} is empty; fetch it again")
    return raw


def describe_file(name: str, raw: bytes, media: Media) -> Filing:
    """What the file says of itself (inline-XBRL cover page), else what its name says."""
    cover = _cover(raw) if media == "html" else {}
    stem = Path(name).stem
    named = _FORM.search(stem.replace("_", " ").replace(".", " "))
    year = re.search(r"(?:19|20)\d\d", stem)
    focus = cover.get("DocumentFiscalYearFocus", "")
    ended = DATE.search(cover.get("DocumentPeriodEndDate", ""))
    digest = hashlib.sha256(raw).hexdigest()[:12]
    fiscal_year = int(focus) if focus.isdigit() else int(year[0]) if year else None
    form = cover.get("DocumentType") or (named[1].upper() if named else "document")
    period = cover.get("DocumentFiscalPeriodFocus", "FY" if form == "10-K" else "")
    return Filing(
        id=f"own-{digest}",
        company=_company(cover.get("EntityRegistrantName") or re.split(r"[_\s.]", stem)[0]),
        form=form.replace("10K", "10-K").replace("10Q", "10-Q").replace("8K", "8-K"),
        cik=cover.get("EntityCentralIndexKey", ""),
        ticker=cover.get("TradingSymbol", ""),
        fiscal_year=fiscal_year,
        fiscal_period=period,
        period_end=as_date(ended) if ended else None,
        filed=_signed(raw) if media == "html" else None,
        source=f"your file {name}",
        media=media,
    )


def _company(name: str) -> str:
    return name.title().replace(" Inc", " Inc") if name.isupper() and len(name) > 5 else name


def _cover(raw: bytes) -> dict[str, str]:
    text = raw[:600_000].decode("utf-8", errors="replace")
    found: dict[str, str] = {}
    for match in re.finditer(r'<ix:nonNumeric\b[^>]*?\bname="dei:(\w+)"[^>]*>(.{0,300}?)</ix:nonNumeric>', text, re.S):
        value = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", match[2])).split())
        found.setdefault(match[1], value)
    return found


def _signed(raw: bytes) -> date | None:
    tail = html.unescape(re.sub(r"<[^>]{0,400}>", " ", raw[-400_000:].decode("utf-8", errors="replace")))
    dates = re.findall(r"Dated?:\s*([A-Z][a-z]+\s+\d{1,2},\s+20\d\d)", tail)
    match = DATE.search(dates[-1]) if dates else None
    return as_date(match) if match else None


def index_passages(passages: Sequence[Passage], embedder: Embedder, index: FilingIndex) -> int:
    """Embeds passages through a LlamaIndex pipeline and stores the vectors; returns how many."""
    import numpy as np
    from llama_index.core.ingestion import IngestionPipeline
    from llama_index.core.schema import TextNode, TransformComponent

    class Embed(TransformComponent):
        def __call__(self, nodes: Sequence[BaseNode], **_: object) -> Sequence[BaseNode]:
            vectors = embedder.embed([node.get_content() for node in nodes])
            for node, vector in zip(nodes, vectors, strict=True):
                node.embedding = [float(x) for x in vector]
            return nodes

    by_id = {passage.id: passage for passage in passages}
    nodes = [TextNode(id_=p.id, text=passage_text(p), metadata={"filing": p.filing, "page": p.page}) for p in passages]
    pipeline = IngestionPipeline(transformations=[Embed()], disable_cache=True)
    done = pipeline.run(nodes=nodes, show_progress=False)
    vectors = np.array([node.embedding for node in done], dtype=np.float32)
    index.add([by_id[node.node_id] for node in done], vectors)
    return len(done)


def passage_text(passage: Passage) -> str:
    """What is embedded: the section's name, then the text."""
    return f"{passage.section}\n{passage.text}"
