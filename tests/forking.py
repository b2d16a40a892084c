"""Processes of Tenor that begin in a moment: forked from one process per session that has loaded the modules already.

Each is a process of its own, with its own group, environment, folder and output, and it runs `python -m MODULE WORDS`
to its end; only loading, five seconds of a core, is paid once. What must prove that a bare interpreter does it
starts one (`tenor_cold`, `ColdUp`).

`python -m tests.forking FD MODULE…` is the process that forks: it loads the modules, takes orders from the socket FD
and ends when the socket's other end is closed.
"""

from __future__ import annotations

import array
import atexit
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from contextlib import suppress
from functools import cache
from typing import IO, NamedTuple, NoReturn

LOADED = (
    "api.app",
    "api.cli",
    "api.commands.dispatch",
    "api.commands.doctor",
    "api.commands.audit",
    "api.up",
    "api.worker",
)
LONGEST_ORDER = 1 << 20
OUT, ERR, TOLD = range(3)


class Order(NamedTuple):
    """What a forked process runs, and in what surroundings."""

    module: str
    words: list[str]
    environment: dict[str, str]
    folder: str


class Forked:
    """A running process, with the part of `subprocess.Popen` that tests use; `stdin` is empty."""

    def __init__(
        self, module: str, *words: str, stdout: IO[str] | IO[bytes], stderr: IO[str] | IO[bytes], **settings: str
    ) -> None:
        order = Order(module, list(words), {**os.environ, **settings}, os.getcwd())
        told, tell = os.pipe()
        with os.fdopen(tell, "wb"):
            sent = array.array("i", [stdout.fileno(), stderr.fileno(), tell])
            _parent().sendmsg(
                [json.dumps(order).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, sent)], socket.MSG_NOSIGNAL
            )
        self._told = os.fdopen(told, "rb")
        self.pid = int(self._told.readline())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, minus the signal that ended it, or None while it runs."""
        if self.returncode is None:
            os.set_blocking(self._told.fileno(), False)
            line = self._told.readline()
            if line:
                self.returncode = int(line)
                self._told.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """To the process alone; nothing when it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL to the process alone."""
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float) -> int:
        """The same, waited for; TimeoutExpired when it runs on."""
        ends = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > ends:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(0.01)
        assert self.returncode is not None
        return self.returncode


@cache
def _parent() -> socket.socket:
    """The socket to the one forking process of this session, which ends with it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LONGEST_ORDER)
    command = [sys.executable, "-m", "tests.forking", str(theirs.fileno()), *LOADED]
    with theirs:
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
    return ours


def serve(orders: socket.socket) -> Order | None:
    """None when the orders have ended; in a forked process its own order, with its outputs in place."""
    while True:
        data, passed, _, _ = orders.recvmsg(LONGEST_ORDER, socket.CMSG_SPACE(3 * array.array("i").itemsize))
        _reap()
        if not data:
            return None
        handles = array.array("i")
        handles.frombytes(passed[0][2])
        if os.fork() == 0:
            orders.close()
            return _mind(Order(*json.loads(data)), handles.tolist())
        for handle in handles:
            os.close(handle)


def _reap() -> None:
    """Takes leave of those that have ended, or they would stay as zombies."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _mind(order: Order, handles: list[int]) -> Order:
    """Forks once more: the child goes on with its order, its parent tells its id and how it ended, and ends."""
    child = os.fork()
    if child == 0:
        os.setsid()
        os.dup2(handles[OUT], 1)
        os.dup2(handles[ERR], 2)
        for handle in handles:
            os.close(handle)
        return order
    os.close(handles[OUT])
    os.close(handles[ERR])
    os.write(handles[TOLD], b"%d\n" % child)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with suppress(BrokenPipeError):  # nobody asks any more
        os.write(handles[TOLD], b"%d\n" % code)
    os._exit(0)


def _run(module: str) -> NoReturn:
    """As `python -m` does, its ending too, but for taking the loaded modules apart: they are shared pages."""
    code: object = 1
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as ended:
        code = ended.code
    except Exception:  # noqa: BLE001 - told as an interpreter tells it
        traceback.print_exc()
    getattr(threading, "_shutdown")()  # noqa: B009 - waits for the threads that an interpreter waits for
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def main() -> None:
    """Serves, and in a forked process runs its order as `python -m` does: its end is this interpreter's."""
    for module in sys.argv[2:]:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for pytest, which closes the socket
    order = serve(socket.socket(fileno=int(sys.argv[1])))
    if order is not None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        gc.unfreeze()
        os.chdir(order.folder)
        os.environ.clear()
        os.environ.update(order.environment)
        sys.argv = [order.module, *order.words]
        del sys.modules[order.module]
        _run(order.module)


if __name__ == "__main__":
    main()
