"""Peers of the benches, each in a folder of its own under `.bench/`, installed from hashed requirements at first use.

None of them is a dependency of the product. Without network or compiler a peer is left out and named
in the report's `missing`.
"""

from __future__ import annotations

import ctypes
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

import structlog

from bench.compiled import FOLDER, compile_c
from bench.flow import Flow

TOP = Path(__file__).parents[1]
DRIVER = Path(__file__).parent / "peer_driver.c"


class Standing(NamedTuple):
    """What is left in a book. Equal ones after equal messages mean that as many lots were traded on each side."""

    orders: int
    buy_lots: int
    sell_lots: int
    best_bid: int
    best_ask: int


class Driven(NamedTuple):
    """What driving a peer over a flow gave: CPU nanoseconds a message, and the book at the end."""

    ns: float
    standing: Standing


def install_peer(name: str) -> Path | None:
    """The folder of the peer's packages; None when it cannot be installed here."""
    target = FOLDER / name
    if (target / ".installed").exists():
        return target
    requirements = TOP / "requirements" / "peers" / f"{name}.txt"
    command = [*_installer(), "--require-hashes", "--target", str(target), "-r", str(requirements)]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=600)
    except (OSError, subprocess.SubprocessError) as error:
        structlog.get_logger("bench").warning("peer left out", peer=name, why=str(error)[:200])
        return None
    (target / ".installed").touch()
    return target


def _installer() -> list[str]:
    """The command that installs: uv from PATH or from beside the checkout's environment, else this Python's pip."""
    ours = TOP / ".venv-uv" / "bin" / "uv"
    uv = shutil.which("uv") or (str(ours) if ours.exists() else None)
    if uv:
        return [uv, "pip", "install", "--quiet", "--python", sys.executable]
    return [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


class PeerBook(Protocol):
    """The peer's Python book, as far as the bench calls it. The side is true for buys."""

    def limit(self, side: bool, order_id: int, quantity: int, price: int) -> None:
        """A limit order."""
        ...

    def market(self, side: bool, order_id: int, quantity: int) -> None:
        """A market order."""
        ...

    def cancel(self, order_id: int) -> None:
        """Takes an order out."""
        ...


class LimitOrderBook:
    """`limit-order-book` (C++), driven by a C loop and, for the ratio of single calls, from Python."""

    name = "limit-order-book"

    def __init__(self, folder: Path) -> None:
        self._package = folder / "limit_order_book"
        self._library = next(iter(sorted(self._package.glob("lib_limit_order_book*"))))
        self._drive = ctypes.CDLL(str(compile_c(DRIVER, "-shared", "-fPIC"))).drive
        self._drive.restype = ctypes.c_double

    def drive(self, flow: Flow) -> Driven:
        """The whole flow in C; RuntimeError when the library lacks what is called."""
        standing = (ctypes.c_uint64 * len(Standing._fields))()
        parts: list[object] = []
        for part in (flow.warm, flow.mixed):
            parts += [ctypes.c_void_p(part.ctypes.data), ctypes.c_size_t(len(part))]
        ns = self._drive(str(self._library.resolve()).encode(), *parts, standing)
        if ns < 0:
            raise RuntimeError(f"{self._library.name} lacks a function that the driver calls")
        return Driven(ns, Standing(*standing))

    def book(self) -> PeerBook:
        """A book as its users have it in Python."""
        spec = importlib.util.spec_from_file_location(
            "limit_order_book", self._package / "__init__.py", submodule_search_locations=[str(self._package)]
        )
        if spec is None or spec.loader is None:
            raise RuntimeError(f"{self._package} holds no Python package")
        module = sys.modules.setdefault("limit_order_book", importlib.util.module_from_spec(spec))
        spec.loader.exec_module(module)
        book: PeerBook = module.LimitOrderBook()
        return book


def find_limit_order_book() -> LimitOrderBook | None:
    """The peer, or None when it or a C compiler cannot be had."""
    return _built(install_peer(LimitOrderBook.name), LimitOrderBook)


def _built(folder: Path | None, build: Callable[[Path], LimitOrderBook]) -> LimitOrderBook | None:
    if folder is None:
        return None
    try:
        return build(folder)
    except (OSError, subprocess.SubprocessError, StopIteration) as error:
        structlog.get_logger("bench").warning("peer left out", peer=LimitOrderBook.name, why=str(error)[:200])
        return None
