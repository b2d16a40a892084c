"""Passages into the vector index, through a LlamaIndex pipeline. A passage already indexed is not embedded again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from desk.text.embedder import Embedder
from rag.documents import Passage
from rag.index import FilingIndex

if TYPE_CHECKING:
    from llama_index.core.schema import BaseNode


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
