"""`tenor fraud thresholds`: what verdicts say of the levels, and steps that two officers agree on."""

from __future__ import annotations

import asyncio

from api.commands.seat import Seat
from api.holder import Outcome
from api.threshold_forms import VersionView, thresholds_view, version_view
from desk.errors import InputError
from desk.identity.roles import Action, check_may

VERBS = ("show", "propose", "accept", "undo")


async def thresholds(seat: Seat) -> Outcome:
    """`show`; in an officer's name `propose`, `accept` a proposal, `undo` to a version."""
    verbs = {"show": _show, "propose": _propose, "accept": _accept, "undo": _undo}
    if seat.args.step not in verbs:
        raise InputError(f"tenor fraud thresholds {seat.args.step}: give one of {', '.join(VERBS)}")
    return await asyncio.to_thread(verbs[seat.args.step], seat)


def _show(seat: Seat) -> Outcome:
    check_may(seat.named(), Action.READ_FRAUD)
    view = thresholds_view(seat.runtime.desk.fraud)
    lines = [f"version {view.in_force} is in force; levels are {view.report_from:.2f} where it names none"]
    lines += [
        f"{one.typology:16} {one.before:.2f} -> {one.after:.2f}  {one.confirmed}:{one.cleared} verdicts  {one.why}"
        for one in view.verdicts
    ]
    lines += [_line(one) for one in view.versions]
    return Outcome(0, view.model_dump(mode="json"), "\n".join(lines))


def _propose(seat: Seat) -> Outcome:
    return _told(version_view(seat.runtime.desk.fraud.propose_step(seat.named(), seat.args.typology)))


def _accept(seat: Seat) -> Outcome:
    return _told(version_view(seat.runtime.desk.fraud.versions.accept(seat.named(), _number(seat, "proposal"))))


def _undo(seat: Seat) -> Outcome:
    made = seat.runtime.desk.fraud.undo_steps(seat.named(), _number(seat, "version"), seat.args.reason)
    return _told(version_view(made))


def _number(seat: Seat, what: str) -> int:
    if seat.args.number is None:
        raise InputError(f"tenor fraud thresholds {seat.args.step}: give the number of a {what}")
    return int(seat.args.number)


def _told(view: VersionView) -> Outcome:
    return Outcome(0, view.model_dump(mode="json"), _line(view))


def _line(view: VersionView) -> str:
    levels = ", ".join(f"{kind} {level:.2f}" for kind, level in view.levels.items()) or "none"
    name = f"version {view.version}" if view.state == "in_force" else f"proposal {view.id}"
    return "\n  ".join([f"{name}: {view.state.replace('_', ' ')}, levels: {levels}", *view.why])
