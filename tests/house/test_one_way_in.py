"""There is one way for an order to come to exist: the code is walked for any other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

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


def modules() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for path in sorted((TOP / room).rglob("*.py")):
            yield path.relative_to(TOP).as_posix(), ast.parse(path.read_text())


def calls(method: str, *, owner: str = "") -> set[str]:
    """The modules that call `something.method(...)`; `owner` is what the last name before it ends with."""
    found = set()
    for name, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr == method:
                before = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
                if before.lstrip("_").endswith(owner):
                    found.add(name)
    return found


def strings(value: str) -> set[str]:
    """The modules in which this text stands outside docstrings."""
    found = set()
    for name, tree in modules():
        documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and node.value == value and id(node) not in documents:
                found.add(name)
    return found


def test_only_the_gate_signs_orders():
    assert calls("issue", owner="signer") == {GATE}
    assert {name for name, tree in modules() for node in ast.walk(tree)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "TokenSigner"} == {
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
