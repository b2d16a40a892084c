"""`tenor backtest`: a strategy over history, through a private copy of the same gate."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from pathlib import Path

from api.commands.seat import Seat
from api.holder import Outcome
from api.studying import USUAL, StudyForm, Worked, gather, work
from desk.backtest.tearsheet import print_html, print_pdf
from desk.errors import InputError
from desk.identity.roles import Action, check_may


async def backtest(seat: Seat) -> Outcome:
    """The exit code is 1 when the strategy was caught looking ahead or raised in mid-run."""
    check_may(seat.person(), Action.READ_MARKET)
    form = read_form(seat.args)
    worked = await asyncio.to_thread(lambda: work(gather(seat.runtime.desk, form)))
    files = await asyncio.to_thread(_write, seat, worked)
    return Outcome(1 if worked.faulty else 0, {**worked.body, "files": files}, worked.text)


def read_form(args: Namespace) -> StudyForm:
    """The words as the door takes them."""
    return StudyForm(
        strategy=args.strategy,
        instruments=args.instrument or [USUAL],
        years=args.years,
        start=args.start,
        end=args.end,
        base=args.base,
        knobs=_knobs(args.knob or []),
        goal=args.optimise,
        free=args.free,
    )


def _knobs(given: list[str]) -> dict[str, int]:
    found = {}
    for text in given:
        name, _, value = text.partition("=")
        if not value.isdecimal():
            raise InputError(f"--knob {text} is not a name and a whole number; give one such as every=21")
        found[name.strip()] = int(value)
    return found


def _write(seat: Seat, worked: Worked) -> list[str]:
    """The files asked for; InputError when one cannot be written."""
    made = [
        _saved(seat.path(seat.args.html), print_html(worked.sheet).encode()) if seat.args.html else "",
        _saved(seat.path(seat.args.pdf), print_pdf(worked.sheet)) if seat.args.pdf else "",
    ]
    return [path for path in made if path]


def _saved(path: Path, content: bytes) -> str:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}); give another file") from None
    return str(path)
