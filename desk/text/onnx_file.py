"""ONNX files read and written by the wire format of Protocol Buffers, which needs no package.

A message is a row of fields, each with a number and a kind. Numbers of fields are those of
`onnx.proto3`; only what graphs are cut and rewritten by is known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

GRAPH = 7
"""In a model."""
NODE, INITIALISER, OUTPUT = 1, 5, 12
"""In a graph."""
_NODE_INPUT, _NODE_OUTPUT, _NODE_KIND, _NODE_ATTRIBUTE = 1, 2, 4, 5
_ATTRIBUTE_NAME, _ATTRIBUTE_INT, _ATTRIBUTE_TYPE, _TYPE_INT = 1, 3, 20, 2
_FIXED = {1: 8, 5: 4}


class Field(NamedTuple):
    """One field: its number, where it begins with its head, and where its value begins and ends."""

    number: int
    head: int
    start: int
    end: int


class Node(NamedTuple):
    """One operation of a graph."""

    field: Field
    kind: bytes
    inputs: tuple[bytes, ...]
    outputs: tuple[bytes, ...]


def fields(data: bytes, at: int, end: int) -> Iterator[Field]:
    """The fields of the message that stands from `at` to `end`."""
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


def graph_parts(model: bytes) -> list[Field]:
    """The fields of a model's graph: nodes, weights, inputs and outputs."""
    graph = next(field for field in fields(model, 0, len(model)) if field.number == GRAPH)
    return list(fields(model, graph.start, graph.end))


def with_graph(model: bytes, parts: Iterable[bytes]) -> bytes:
    """The model with another graph, given as its encoded fields."""
    rest = [model[field.head : field.end] for field in fields(model, 0, len(model)) if field.number != GRAPH]
    return b"".join([*rest, encode(GRAPH, b"".join(parts))])


def read_node(model: bytes, field: Field) -> Node:
    """The operation that stands in a field of number NODE."""
    inside = list(fields(model, field.start, field.end))

    def texts(number: int) -> tuple[bytes, ...]:
        return tuple(model[part.start : part.end] for part in inside if part.number == number)

    return Node(field, texts(_NODE_KIND)[0], texts(_NODE_INPUT), texts(_NODE_OUTPUT))


def encode_node(kind: bytes, inputs: Iterable[bytes], outputs: Iterable[bytes], **integers: int) -> bytes:
    """An operation as a field of a graph, its attributes whole numbers that are not negative."""
    parts = [encode(_NODE_INPUT, name) for name in inputs] + [encode(_NODE_OUTPUT, name) for name in outputs]
    attributes = [
        encode(_ATTRIBUTE_NAME, name.encode()) + _number(_ATTRIBUTE_INT, value) + _number(_ATTRIBUTE_TYPE, _TYPE_INT)
        for name, value in integers.items()
    ]
    parts += [encode(_NODE_KIND, kind), *(encode(_NODE_ATTRIBUTE, attribute) for attribute in attributes)]
    return encode(NODE, b"".join(parts))


def encode(number: int, value: bytes) -> bytes:
    """A field that holds bytes: a text, or a message."""
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        shift, at = shift + 7, at + 1
        if byte < 128:
            return value, at


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
