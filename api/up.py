"""`tenor up`: API, web app, worker and replayed market in one process; Ctrl-C stops it cleanly."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import sys
import time
import webbrowser
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import structlog

from api.crew import Crew
from api.heap import loading, settle_heap
from api.holder import Outcome, serve
from desk.backends import check_startable, read_backends
from desk.errors import SettingError
from desk.settings import VERSION, Settings
from desk.store.folder import DataFolder, busy

if TYPE_CHECKING:
    from desk.factory import Desk

SWITCH_S = 0.001
"""Threads change hands this often: by default the journal's writer would hold an order up for longer; changing hands
more often costs a fifth more for each order."""

WARM_AFTER_S, LOADED_S = 2.0, 17.0
"""The solver's process and what first questions would wait for begin to load after the first page had its turn, and
are loaded then also on a slow machine."""


def run_up(settings: Settings, *, open_browser: bool, workers: int = 1) -> Outcome:
    """Runs until stopped. SettingError for a port in use or a bind without a real password."""
    began = time.perf_counter()
    sys.setswitchinterval(SWITCH_S)
    check_startable(read_backends(settings))
    listener = _listen(settings)
    folder = DataFolder(settings.data_folder)
    about: dict[str, object] = {"command": "up", "address": _address(settings, listener), "version": VERSION}
    if not folder.hold(about):
        listener.close()
        holder = folder.held_by() or {}
        where = f" at {holder['address']}" if holder.get("address") else ""
        raise busy(folder, f"is a running desk{where}")
    crew = Crew(folder.path, workers if settings.redis_url else 0)
    try:
        with asyncio.Runner(loop_factory=_fast_loop()) as runner:
            runner.run(_serve(settings, folder, listener, Started(open_browser, began), crew))
    finally:
        crew.end()
        folder.release()
        listener.close()
        crew.join()
    return Outcome(0)


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The loop of uvloop, which halves what a request costs; None (asyncio's own) where it is not installed."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Named TCP, because asyncio sends small answers at once (no Nagle delay of 40 ms) only on sockets that say so.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise SettingError(
                f"port {settings.port} is in use; stop what uses it or choose another with --port"
            ) from None
        raise SettingError(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}") from None
    return listener


def _address(settings: Settings, listener: socket.socket) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{listener.getsockname()[1]}/"


class Started(NamedTuple):
    """How a run was begun: with a browser, and at which reading of the performance counter."""

    browser: bool
    at: float


async def _serve(settings: Settings, folder: DataFolder, listener: socket.socket, started: Started, crew: Crew) -> None:
    with loading():
        import uvicorn

        from api.app import build_app
        from api.commands.dispatch import execute
        from api.feed.wire import FeedProtocol
        from desk.factory import open_desk
        from graphs.runtime import open_runtime
    desk = open_desk(settings, folder)
    try:
        _check_reachable(settings, desk)
        desk.start_market()
        async with open_runtime(desk) as runtime:
            commands = await serve(folder, partial(execute, runtime))
            config = uvicorn.Config(
                build_app(runtime),
                log_config=None,
                access_log=False,
                ws=FeedProtocol,
                ws_per_message_deflate=False,  # small frames, the same for everybody
                timeout_graceful_shutdown=3,
            )
            server = uvicorn.Server(config)
            settle_heap()
            _announce(settings, desk.sessions.new_door_token(), _address(settings, listener), started)
            crew.start()
            later = asyncio.get_running_loop().call_later
            warms = (desk.solver.start, runtime.warm, desk.arrivals.watch.begin)
            warming = [*(later(WARM_AFTER_S, warm) for warm in warms), later(LOADED_S, settle_heap)]
            try:
                await server.serve(sockets=[listener])
            finally:
                for waiting in warming:
                    waiting.cancel()
                crew.end()
                commands.close()
    finally:
        desk.close()
        structlog.get_logger("up").info("stopped")


def _check_reachable(settings: Settings, desk: Desk) -> None:
    if not settings.loopback and not desk.people.has_real_account():
        raise SettingError(
            f"TENOR_HOST={settings.host} is reachable from other machines, and nobody here has a password; "
            "set one with `tenor people password NAME --as NAME`, or listen on 127.0.0.1"
        )


def _announce(settings: Settings, token: str, address: str, started: Started) -> None:
    door = f"{address}#door={token}" if settings.loopback else address
    took = time.perf_counter() - started.at
    sys.stdout.write(f"Tenor is open at {door}\n")
    since = os.environ.get("MAKE_UP_BEGAN")
    size = os.environ.get("MAKE_UP_INSTALLED_MB")
    total = f"{time.time() - float(since):.0f} s since `make up`" if since else f"{took:.1f} s"
    sys.stdout.write(f"Ready in {total}{f'; {size} MB installed' if size else ''}. Ctrl-C stops it.\n")
    sys.stdout.flush()
    if started.browser and (os.environ.get("DISPLAY") or sys.platform == "darwin"):
        webbrowser.open(door)
