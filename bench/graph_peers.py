"""Peers that rank a graph, imported from the folders they were installed into."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Protocol

import numpy as np
import structlog

from desk.fraud.graph import Columns


class Ranks(Protocol):
    """What a ranking gives: the value of each account by its number."""

    def __getitem__(self, account: int, /) -> float:
        """The value of one account."""
        ...


Ranker = Callable[[], Ranks]
TOLERANCE = 1e-9


def load_peer(folder: Path, name: str) -> ModuleType | None:
    """The module from that folder; None when it cannot be imported. What we have ourselves is taken from ours."""
    with _path(folder):
        try:
            return importlib.import_module(name)
        except ImportError as error:
            structlog.get_logger("bench").warning("peer left out", peer=name, why=str(error)[:200])
            return None


@contextmanager
def _path(folder: Path) -> Iterator[None]:
    sys.path.append(str(folder.resolve()))
    try:
        yield
    finally:
        sys.path.remove(str(folder.resolve()))


def build_igraph(folder: Path, columns: Columns, damping: float) -> Ranker | None:
    """Igraph's PRPACK over the same multigraph."""
    module = load_peer(folder, "igraph")
    if module is None:
        return None
    pairs = np.stack([columns.source, columns.target], axis=1)
    graph = module.Graph(n=len(columns.accounts), edges=pairs.tolist(), directed=True)
    return lambda: graph.pagerank(damping=damping)


def build_rustworkx(folder: Path, columns: Columns, damping: float) -> Ranker | None:
    """Rustworkx's power iteration over the same multigraph."""
    module = load_peer(folder, "rustworkx")
    if module is None:
        return None
    n = len(columns.accounts)
    graph = module.PyDiGraph(multigraph=True)
    graph.add_nodes_from(range(n))
    graph.add_edges_from_no_data(list(zip(columns.source.tolist(), columns.target.tolist(), strict=True)))

    return lambda: module.pagerank(graph, alpha=damping, tol=TOLERANCE)


PEERS: dict[str, Callable[[Path, Columns, float], Ranker | None]] = {
    "igraph": build_igraph,
    "rustworkx": build_rustworkx,
}
