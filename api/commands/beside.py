"""`tenor halt` beside a desk that hangs: the switch is written without it."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict

from api.holder import Outcome
from desk.clock import WallClock
from desk.errors import Forbidden
from desk.identity.people import People
from desk.identity.roles import Action, check_may
from desk.store.engine import Store
from desk.store.folder import DataFolder
from desk.trading.halt import HaltSwitch


def write_switch(folder: DataFolder, args: Namespace) -> Outcome:
    """Halts in the name of `--as`, who must be allowed to; Forbidden or NotFound otherwise."""
    name = getattr(args, "person", "")
    if not name:
        raise Forbidden("`tenor halt` acts in somebody's name: add --as USER")
    store = Store.in_folder(folder.path)
    try:
        person = People(store).get(name)
    finally:
        store.close()
    check_may(person, Action.HALT)
    state = HaltSwitch(folder.path, None, WallClock()).halt(person.name, args.reason)
    said = (
        f"The desk did not answer, so the switch was written beside it: it is halted by {state.by} since "
        f"{state.at}. Its next order is refused and its open orders are cancelled."
    )
    return Outcome(0, {**asdict(state), "resume": list(state.resume), "beside": True}, said)
