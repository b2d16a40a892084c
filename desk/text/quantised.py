"""A transformer whose stored weights are int8 made to multiply in integers too: half the time of a short text.

The file keeps its weights as int8 with a step for each column, but turns them back into floats
before each product. Here the product itself is taken in integers: each activation tensor is
rounded to eight bits as it comes (ONNX `DynamicQuantizeLinear`: asymmetric, one step a tensor),
multiplied (`MatMulInteger`), and scaled by both steps. Weights lose their last bit, so that two
neighbouring products fit 16 bits: processors without VNNI add them there with saturation, and
would else give other vectors than those with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from desk.errors import DataError
from desk.text.onnx_file import (
    INITIALISER,
    NODE,
    Field,
    Node,
    encode,
    encode_node,
    fields,
    graph_parts,
    read_node,
    with_graph,
)

_NAME, _RAW = 8, 9
"""In a tensor."""
_FLOAT = 1
"""The number of the type of floats."""


class _Weight(NamedTuple):
    """What a product is taken with: the int8 tensor, its steps, and the two nodes that made floats of it."""

    stored: bytes
    step: bytes
    makers: tuple[int, int]


def quantise(model: bytes) -> bytes:
    """The model with every product of activations and stored weights in integers.

    What is no such product stays. DataError when the model has none.
    """
    parts = graph_parts(model)
    nodes = {part.head: read_node(model, part) for part in parts if part.number == NODE}
    names = {part.head: _name(model, part) for part in parts if part.number == INITIALISER}
    weights = _find_weights(list(nodes.values()), set(names.values()))
    if not weights:
        raise DataError("the model holds no product with stored int8 weights; it cannot be quantised further")
    halved = {weight.stored for weight in weights.values()}
    doubled = {weight.step for weight in weights.values()}
    gone = {head for weight in weights.values() for head in weight.makers}
    seen: set[bytes] = set()
    new: list[bytes] = []
    for part in parts:
        if part.head in weights:
            new += _product(nodes[part.head], weights[part.head], seen)
        elif names.get(part.head) in halved:
            new.append(_rewritten(model, part, _halve))
        elif names.get(part.head) in doubled:
            new.append(_rewritten(model, part, _double))
        elif part.head not in gone:
            new.append(model[part.head : part.end])
    return with_graph(model, new)


def _find_weights(nodes: Sequence[Node], stored: set[bytes]) -> dict[int, _Weight]:
    """By where its product's node begins: MatMul(x, Mul(Cast(stored), step)) whose weight serves nothing else."""
    maker = {output: node for node in nodes for output in node.outputs}
    uses = Counter(name for node in nodes for name in node.inputs)
    found = {}
    for node in nodes:
        scaled = maker.get(node.inputs[1]) if node.kind == b"MatMul" else None
        if scaled is None or scaled.kind != b"Mul" or uses[scaled.outputs[0]] > 1:
            continue
        cast, step = maker.get(scaled.inputs[0]), scaled.inputs[1]
        if cast is not None and cast.kind == b"Cast" and {cast.inputs[0], step} <= stored:
            found[node.field.head] = _Weight(cast.inputs[0], step, (scaled.field.head, cast.field.head))
    return found


def _product(node: Node, weight: _Weight, seen: set[bytes]) -> list[bytes]:
    """The nodes in place of one product; `seen` are the activations that are rounded already, and is added to."""
    given, result = node.inputs[0], node.outputs[0]
    rounded, step, zero = given + b"_u8", given + b"_step", given + b"_zero"
    whole, real, scale = result + b"_i32", result + b"_f32", result + b"_scale"
    new = [] if given in seen else [encode_node(b"DynamicQuantizeLinear", [given], [rounded, step, zero])]
    seen.add(given)
    return [
        *new,
        encode_node(b"MatMulInteger", [rounded, weight.stored, zero], [whole]),
        encode_node(b"Cast", [whole], [real], to=_FLOAT),
        encode_node(b"Mul", [step, weight.step], [scale]),
        encode_node(b"Mul", [real, scale], [result]),
    ]


def _name(model: bytes, tensor: Field) -> bytes:
    return next(model[f.start : f.end] for f in fields(model, tensor.start, tensor.end) if f.number == _NAME)


def _rewritten(model: bytes, tensor: Field, change: Callable[[bytes], bytes]) -> bytes:
    """The stored tensor as a field of the graph, with other values."""
    parts = [
        encode(_RAW, change(model[f.start : f.end])) if f.number == _RAW else model[f.head : f.end]
        for f in fields(model, tensor.start, tensor.end)
    ]
    return encode(INITIALISER, b"".join(parts))


def _halve(values: bytes) -> bytes:
    """Int8 weights at twice their step: -64 to 64."""
    import numpy as np

    return np.round(np.frombuffer(values, np.int8) / np.float32(2)).astype(np.int8).tobytes()


def _double(values: bytes) -> bytes:
    import numpy as np

    return (np.frombuffer(values, "<f4") * np.float32(2)).tobytes()
