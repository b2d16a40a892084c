"""The first layers of a transformer in an ONNX file: less understanding for a fraction of the time.

onnxruntime computes everything a graph holds, so the graph itself is cut: its output becomes the
normalisation that ends the wanted layer, and only nodes that lead there stay.
"""

from __future__ import annotations

from desk.errors import DataError
from desk.text.onnx_file import NODE, OUTPUT, Node, encode, fields, graph_parts, read_node, with_graph

_NAME, _TYPE = 1, 2
NORMS_A_LAYER = 2
"""After attention and after the feed-forward part; one more stands before the first layer."""


def keep_layers(model: bytes, layers: int) -> bytes:
    """The model up to the end of layer `layers` (from 1). DataError when it has fewer."""
    parts = graph_parts(model)
    nodes = [read_node(model, part) for part in parts if part.number == NODE]
    norms = [node for node in nodes if node.kind == b"LayerNormalization"]
    if not 1 <= layers <= (len(norms) - 1) // NORMS_A_LAYER:
        raise DataError(f"the model has {(len(norms) - 1) // NORMS_A_LAYER} layers; {layers} cannot be kept")
    wanted = norms[NORMS_A_LAYER * layers].outputs[0]
    kept = _leading_to(nodes, wanted)
    old = next(part for part in parts if part.number == OUTPUT)
    shape = next(model[f.head : f.end] for f in fields(model, old.start, old.end) if f.number == _TYPE)
    stay = [
        model[part.head : part.end]
        for part in parts
        if part.number != OUTPUT and (part.number != NODE or part.head in kept)
    ]
    return with_graph(model, [*stay, encode(OUTPUT, encode(_NAME, wanted) + shape)])


def _leading_to(nodes: list[Node], wanted: bytes) -> set[int]:
    """Where the nodes begin that `wanted` depends on."""
    maker = {output: node for node in nodes for output in node.outputs}
    found: set[int] = set()
    open_ = [wanted]
    while open_:
        node = maker.get(open_.pop())
        if node is not None and node.field.head not in found:
            found.add(node.field.head)
            open_ += node.inputs
    return found
