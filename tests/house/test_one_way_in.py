"""There is one way for an order to come to exist: the code is walked for any other."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

TOP = Path(__file__).parents[2]
ROOMS = ("agents", "api", "bench", "desk", "evals", "graphs", "prompts", "rag", "tools")
GATE, SETTLEMENT = "desk/trading/gateway.py", "desk/trading/settlement.py"
COURIER = "desk/trading/courier.py"
CHECKS = ("bench/crash/run.py", "bench/crash/worker.py")
"""A bench's own desk in a folder of its own: its worker, and its venue when the books are compared."""

BROKERS = "desk/trading/brokers.py"
"""It hands on to the broker of an instrument what it was given, token and all."""

TAKES_UP = "desk/trading/unfinished.py"
"""After a restart it gives venues the orders that stand in the journal, with the tokens that stand there."""


class Walk(NamedTuple):
    """What stands in the modules of the product, by name: attributes with what stands before their dot, texts outside
    docstrings, and functions called by their bare name; each with the modules it stands in."""

    attributes: dict[str, set[tuple[str, str]]]
    texts: dict[str, set[str]]
    called: dict[str, set[str]]


@cache
def walk() -> Walk:
    """Reads every module once."""
    found = Walk(defaultdict(set), defaultdict(set), defaultdict(set))
    for room in ROOMS:
        for path in sorted((TOP / room).rglob("*.py")):
            look(found, path.relative_to(TOP).as_posix(), list(ast.walk(ast.parse(path.read_text()))))
    return found


def look(found: Walk, module: str, nodes: list[ast.AST]) -> None:
    documents = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Attribute):
            before = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            found.attributes[node.attr].add((before.lstrip("_"), module))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            found.texts[node.value].add(module)
        elif isinstance(node, ast.Call):
            found.called[getattr(node.func, "id", "")].add(module)


def calls(method: str, *, owner: str = "") -> set[str]:
    """The modules that call `something.method(...)`; `owner` is what the last name before it ends with."""
    return {module for before, module in walk().attributes[method] if before.endswith(owner)}


def strings(value: str) -> set[str]:
    """The modules in which this text stands outside docstrings."""
    return walk().texts[value]


def test_only_the_gate_signs_orders():
    assert calls("issue", owner="signer") == {GATE}
    assert walk().called["TokenSigner"] == {
        "desk/trading/desk_book.py", "desk/trading/private.py", "desk/factory.py", *CHECKS}  # fmt: skip


@pytest.mark.parametrize(
    ("method", "owner", "by"),
    [
        ("place", "venue", {GATE}),
        ("amend", "venue", {GATE}),
        ("place", "broker", {COURIER, TAKES_UP}),
        ("restore", "broker", {TAKES_UP, BROKERS}),
        ("restore", "venue", set()),
    ],
)
def test_only_the_gate_and_what_carries_its_orders_reach_a_venue(method: str, owner: str, by: set[str]):
    assert calls(method, owner=owner) == by


@pytest.mark.parametrize("kind", ["order.accepted", "order.amended"])
def test_only_the_gate_writes_that_an_order_exists(kind: str):
    readers = {"desk/trading/accounts.py", "desk/trading/recorder.py", "bench/durable.py"}  # the last: a journal alone
    assert strings(kind) - readers == {GATE}


@pytest.mark.parametrize("kind", ["order.filled", "order.triggered", "order.working"])
def test_only_settlement_writes_what_venues_report(kind: str):
    readers = {"desk/trading/accounts.py", "desk/trading/recorder.py", "bench/durable.py"}
    assert strings(kind) - readers <= {SETTLEMENT}


def test_only_the_trading_room_writes_the_journal():
    appends = calls("append", owner="journal")
    assert appends <= {SETTLEMENT, "bench/durable.py"}, appends


def test_the_walk_finds_what_it_looks_for():
    assert calls("submit", owner="gate"), "the walk is blind"
    assert strings("order.accepted")
