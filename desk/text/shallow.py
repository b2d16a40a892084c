"""The first layers of a transformer in an ONNX file: less understanding for a fraction of the time.

onnxruntime computes everything a graph holds, so the graph itself is cut: its output becomes the
normalisation that ends the wanted layer, and only nodes that lead there stay. The file is read by
the wire format of Protocol Buffers, which needs no package: a message is a row of fields, each with
a number and a kind. Numbers of fields are those of `onnx.proto3`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from desk.errors import DataError

_GRAPH, _NODE, _OUTPUT = 7, 1, 12
_NODE_INPUT, _NODE_OUTPUT, _NODE_KIND = 1, 2, 4
_NAME, _TYPE = 1, 2
_FIXED = {1: 8, 5: 4}
NORMS_A_LAYER = 2
"""After attention and after the feed-forward part; one more stands before the first layer."""


class Field(NamedTuple):
    """One field: its number, where it begins with its head, and where its value begins and ends."""

    number: int
    head: int
    start: int
    end: int


class Node(NamedTuple):
    """One operation of the graph."""

    field: Field
    kind: bytes
    inputs: tuple[bytes, ...]
    outputs: tuple[bytes, ...]


def keep_layers(model: bytes, layers: int) -> bytes:
    """The model up to the end of layer `layers` (from 1). DataError when it has fewer."""
    graph = next(field for field in _fields(model, 0, len(model)) if field.number == _GRAPH)
    parts = list(_fields(model, graph.start, graph.end))
    nodes = [_node(model, part) for part in parts if part.number == _NODE]
    norms = [node for node in nodes if node.kind == b"LayerNormalization"]
    if not 1 <= layers <= (len(norms) - 1) // NORMS_A_LAYER:
        raise DataError(f"the model has {(len(norms) - 1) // NORMS_A_LAYER} layers; {layers} cannot be kept")
    wanted = norms[NORMS_A_LAYER * layers].outputs[0]
    kept = _leading_to(nodes, wanted)
    old = next(part for part in parts if part.number == _OUTPUT)
    shape = next(model[f.head : f.end] for f in _fields(model, old.start, old.end) if f.number == _TYPE)
    body = b"".join(
        model[part.head : part.end]
        for part in parts
        if part.number != _OUTPUT and (part.number != _NODE or part.head in kept)
    )
    body += _field(_OUTPUT, _field(_NAME, wanted) + shape)
    rest = b"".join(model[f.head : f.end] for f in _fields(model, 0, len(model)) if f.number != _GRAPH)
    return rest + _field(_GRAPH, body)


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


def _node(model: bytes, field: Field) -> Node:
    inside = list(_fields(model, field.start, field.end))

    def texts(number: int) -> tuple[bytes, ...]:
        return tuple(model[part.start : part.end] for part in inside if part.number == number)

    return Node(field, texts(_NODE_KIND)[0], texts(_NODE_INPUT), texts(_NODE_OUTPUT))


def _fields(data: bytes, at: int, end: int) -> Iterator[Field]:
    while at < end:
        key, start = _read_varint(data, at)
        kind = key & 7
        if kind == 2:
            size, start = _read_varint(data, start)
            stop = start + size
        else:
            stop = start + _FIXED[kind] if kind in _FIXED else _read_varint(data, start)[1]
        yield Field(key >> 3, at, start, stop)
        at = stop


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        shift, at = shift + 7, at + 1
        if byte < 128:
            return value, at


def _field(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
