"""Runs a command's words against a running system: in the holder, or as the holder for a moment."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from api.arguments import build_parser
from api.commands import (
    agents,
    audit,
    bots,
    brokers,
    evals,
    experiments,
    filings,
    guard,
    identity,
    ingest,
    knowledge,
    market,
    models,
    prompts,
    research,
    routes,
    runs,
    schedules,
    stressing,
    studies,
    talk,
    trading,
    weighing,
    work,
)
from api.commands.seat import Say, Seat, unheard
from api.holder import Outcome, failed
from desk.errors import TenorError
from desk.factory import open_desk
from desk.settings import Settings
from desk.store.folder import DataFolder, busy
from desk.telemetry import bind
from graphs.runtime import Runtime, open_runtime

COMMANDS: dict[str, Callable[[Seat], Awaitable[Outcome]]] = {
    "ask": talk.ask,
    "approvals": talk.approvals,
    "route": routes.route,
    "runs": runs.runs,
    "replay": runs.replay,
    "prompts": prompts.prompts,
    "agents": agents.agents,
    "orders": trading.orders,
    "schedules": schedules.schedules,
    "positions": trading.positions,
    "halt": trading.halt,
    "resume": trading.resume,
    "keys": identity.keys,
    "people": identity.people,
    "audit": audit.audit,
    "ingest": ingest.ingest,
    "filings": filings.filings,
    "fraud": studies.fraud,
    "evals": evals.evals,
    "experiments": experiments.experiments,
    "guard": guard.guard,
    "backtest": research.backtest,
    "portfolio": weighing.portfolio,
    "risk": stressing.risk,
    "work": work.work,
    "bots": bots.bots,
    "mandates": bots.mandates,
    "brokers": brokers.brokers,
    "market": market.market,
    "models": models.models,
    "knowledge": knowledge.knowledge,
}


async def execute(runtime: Runtime, argv: list[str], cwd: str, user: str, say: Say = unheard) -> Outcome:
    """The outcome of a command; a desk error is an outcome too. `say`: where progress is shown."""
    try:
        args = build_parser().parse_args(argv)
        seat = Seat(runtime, args, user, Path(cwd), say)
        actor = getattr(args, "person", None) or "-"
        with bind(actor=f"cli:{user} as {actor}", command=args.command):
            return await COMMANDS[args.command](seat)
    except TenorError as error:
        return failed(error)


def _show(text: str, whole: bool) -> None:
    """To a person at a terminal; a pipe or a log gets no progress."""
    if sys.stderr.isatty():
        sys.stderr.write(text + ("\n" if whole else ""))
        sys.stderr.flush()


async def run_alone(settings: Settings, folder: DataFolder, argv: list[str], cwd: str, user: str) -> Outcome:
    """Becomes the holder for one command's lifetime; makes and seeds the folder on first use."""
    if not folder.hold({"command": argv[0]}):
        raise busy(folder, "took the folder this moment")
    try:
        desk = open_desk(settings, folder)
        try:
            async with open_runtime(desk) as runtime:
                return await execute(runtime, argv, cwd, user, _show)
        finally:
            desk.close()
    finally:
        folder.release()
