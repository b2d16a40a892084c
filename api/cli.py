"""The `tenor` command. Light to import: what a command needs is loaded when it runs."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
import sys
from argparse import Namespace
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

from api.arguments import build_parser
from api.heap import loading, settle_heap
from api.holder import Outcome, failed, hand_over
from desk.errors import HolderBusy, TenorError
from desk.settings import Settings, load_settings
from desk.store.folder import DataFolder

HALT_ANSWER_S = 0.3
"""How long a holder may take for a halt before the switch is written beside it."""


def main() -> None:
    """Parses, runs, prints, exits."""
    argv = sys.argv[1:]
    wants_json = "--json" in argv
    try:
        outcome = _run(argv)
    except TenorError as error:
        outcome = failed(error)
    except KeyboardInterrupt:
        outcome = Outcome(130)
    _print(outcome, wants_json)
    if argv[:1] == ["up"]:
        _vanish(outcome.exit)
    settle_heap()  # the interpreter's farewell would look through it again
    sys.exit(outcome.exit)


def _vanish(code: int) -> NoReturn:
    """Ends the process without the interpreter's farewell: a desk has closed and written all it has by now, and a
    thread that is still loading a model in native code aborts a process that takes the interpreter from under it.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def _run(argv: list[str]) -> Outcome:
    args = build_parser().parse_args(argv)
    settings = load_settings(os.environ, data=getattr(args, "home", None), port=getattr(args, "port", None))
    from desk.telemetry import configure_logs

    lasting = args.command in ("up", "worker")
    configure_logs(settings.log_level if lasting else "warning", settings.secrets())
    if args.command == "up":
        from api.up import run_up

        return run_up(settings, open_browser=not args.no_open, workers=args.workers)
    if args.command == "worker":
        with loading():
            from api.worker import run_worker

        return run_worker(settings, processes=args.processes, beat=args.beat, beside=args.beside)
    if args.command == "doctor":
        from api.commands.doctor import doctor

        return doctor(settings)
    if args.command == "audit" and args.verb == "verify":
        from api.commands.audit import verify

        return verify(Path(args.file), args.key)
    if args.command == "models" and args.verb == "fetch":
        from api.commands.weights import fetch_weights

        return fetch_weights(settings, args)
    if args.command == "bench":
        from api.commands.benches import bench

        return bench(args)
    return _with_desk(argv, args, settings)


def _with_desk(argv: list[str], args: Namespace, settings: Settings) -> Outcome:
    if args.command == "people" and args.verb == "password":
        from api.commands.identity import read_password

        argv = [*argv, "--secret", read_password(args.stdin)]
    if args.command == "guard" and args.verb == "check" and args.file == "-":
        argv = [*argv, "--text", sys.stdin.read()]
    folder = DataFolder(settings.data_folder)
    outcome = _halt(folder, args, argv) if args.command == "halt" else hand_over(folder, argv)
    if outcome is not None:
        return outcome
    with loading():
        from api.commands.dispatch import run_alone

    return asyncio.run(run_alone(settings, folder, argv, str(Path.cwd()), getpass.getuser()))


def _halt(folder: DataFolder, args: Namespace, argv: list[str]) -> Outcome | None:
    """The holder's outcome, or that of writing the switch beside a holder that is silent."""
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(hand_over, folder, argv, HALT_ANSWER_S)
        from api.commands.beside import write_switch  # loading takes as long as the holder is given

        try:
            return asked.result()
        except HolderBusy:
            return write_switch(folder, args)


def _print(outcome: Outcome, wants_json: bool) -> None:
    if outcome.error is not None:
        sys.stderr.write(f"tenor: {outcome.error['message']}\n")
        if wants_json:
            sys.stdout.write(json.dumps({"error": outcome.error}) + "\n")
    elif wants_json and outcome.result is not None:
        sys.stdout.write(json.dumps(outcome.result, default=str) + "\n")
    elif outcome.text:
        sys.stdout.write(outcome.text + "\n")


if __name__ == "__main__":
    main()
