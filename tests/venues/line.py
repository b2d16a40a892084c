"""A line between a client and a server that can be cut, made silent (half open) or taken away."""

from __future__ import annotations

import contextlib
import socket
import threading


class Line:
    """Forwards TCP from its own port. `freeze` forwards nothing and closes nothing; `cut` closes all; `thaw` mends."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._frozen, self._cut = threading.Event(), threading.Event()
        self._ends: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def freeze(self) -> None:
        self._frozen.set()

    def cut(self) -> None:
        """Ends every connection; new ones are closed at once."""
        self._cut.set()
        ends, self._ends = self._ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def thaw(self) -> None:
        """Lets new connections through; those that were frozen end."""
        if self._frozen.is_set():
            self.cut()
        self._frozen.clear()
        self._cut.clear()

    def close(self) -> None:
        self._closed = True
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while not self._closed:
            try:
                near, _ = self._listener.accept()
                if self._cut.is_set():
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._to), timeout=5)
            except OSError:
                if self._closed:
                    return
                with contextlib.suppress(OSError):
                    near.close()
                continue
            far.settimeout(None)
            self._ends += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                while self._frozen.is_set():
                    if self._cut.wait(0.05):
                        return
                other.sendall(data)
        if not self._frozen.is_set():
            for end in (one, other):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
