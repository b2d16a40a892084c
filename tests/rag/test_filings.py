import gzip

import numpy as np
import pytest

from desk.errors import BackEndUnreachable, DataError, NotFound
from desk.filings.bundled import BundledFilings
from rag.factory import build_filings
from rag.filings import Filings
from rag.vectors import BackgroundVectors


class FakeEmbedder:
    """Counts letters: enough to be a vector."""

    def embed(self, texts):
        rows = np.array([[text.lower().count(c) + 0.1 for c in "abcdefgh"] for text in texts], dtype=np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def filings(tmp_path):
    from rag.chroma import open_embedded

    def vectors():
        return BackgroundVectors(lambda: open_embedded(tmp_path / "vectors"), FakeEmbedder)

    service = Filings(BundledFilings(), tmp_path, vectors)
    yield service
    service.close()


def test_statements_come_first_for_their_metrics(filings):
    best = filings.search("What were Apple's total net sales in fiscal 2024?", 3)[0]
    assert (best.document, best.statement) == ("Apple Inc. 10-K FY2024", "income")


def test_prose_search_finds_the_note(filings):
    found = filings.search("Oracle restructuring plan", 3)
    assert all(passage.filing == "oracle-10-q-2025-q1" for passage in found)
    assert "RESTRUCTURING" in found[0].section


def test_a_second_start_reads_the_cache(filings, tmp_path):
    first = filings.filing("apple-10-k-2024")
    again = Filings(BundledFilings(), tmp_path, lambda: pytest.fail("no vectors needed"))
    assert again.filing("apple-10-k-2024") == first
    assert len(list((tmp_path / "parsed").glob("*.json"))) == len(BundledFilings().filings())


def test_blocks_by_section_and_by_characters(filings):
    document = filings.filing("apple-10-k-2024")
    section = next(s for s in document.sections if s.title.startswith("Item 1C"))
    chosen, blocks = filings.blocks(document.filing.id, section=section.id)
    assert chosen == section
    assert blocks[0].text.startswith("Item 1C")
    citation = filings.answer("What were Apple's total net sales in 2023?").citations[0]
    _, touched = filings.blocks(citation.filing, start=citation.start, end=citation.end)
    assert [block.kind for block in touched] == ["table"]
    assert any("Total net sales" in row for row in touched[0].rows)
    with pytest.raises(NotFound, match="no section 's9999'"):
        filings.blocks(document.filing.id, section="s9999")
    with pytest.raises(NotFound, match="no filing has the id"):
        filings.filing("nope")


def test_ingest_is_idempotent_and_answers_at_once(filings, tmp_path):
    source = BundledFilings()
    path = tmp_path / "oracle-again.html.gz"
    path.write_bytes(gzip.compress(source.fetch("oracle-10-q-2025-q1")))
    ((first, state),) = filings.ingest(path).taken
    ((second, again),) = filings.ingest(path).taken
    assert (first, state, again) == (second, "new", "known")
    assert (first.form, first.fiscal_year, first.fiscal_period, first.ticker) == ("10-Q", 2025, "Q1", "ORCL")
    assert len(filings.list()) == len(source.filings()) + 1


def test_a_damaged_filing_leaves_the_others(tmp_path):
    class Damaged(BundledFilings):
        def fetch(self, id):
            return b"<html>half" if id == "oracle-8-k-2024-11-14" else super().fetch(id)

    service = Filings(Damaged(), tmp_path, lambda: pytest.fail("no vectors needed"))
    assert not service.answer("What were Apple's total net sales in 2023?").abstained
    assert list(service.failed) == ["oracle-8-k-2024-11-14"]
    with pytest.raises(DataError, match="cut off"):
        service.filing("oracle-8-k-2024-11-14")


def test_vectors_join_in_the_background(filings):
    vectors = filings.vectors()
    assert vectors.wait(120), vectors.failure
    done, total = vectors.progress
    assert done == total > 400
    assert len(vectors.near("supplier in Asia", 5)) == 5
    assert filings.search("dependence on a single supplier", 5)


def test_an_unreachable_server_is_named(tmp_path):
    with pytest.raises(BackEndUnreachable, match="TENOR_CHROMA_URL"):
        build_filings(tmp_path, "http://127.0.0.1:9", BundledFilings())
