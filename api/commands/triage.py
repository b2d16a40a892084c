"""`tenor fraud triage`: a model's opinions on borderline alerts, and the queue in the order that they make."""

from __future__ import annotations

import asyncio

from api.commands.seat import Seat
from api.holder import Outcome
from api.triaging import MOST_ASKED, TriageView, ask_opinions, triage_view
from desk.errors import InputError
from desk.fraud.triage import Opinion
from desk.identity.roles import Action, check_may


async def triage(seat: Seat) -> Outcome:
    """Shows opinions and order; with `--ask N` asks a model about the N most urgent cases without an opinion first."""
    person, most = seat.named(), int(seat.args.ask)
    if not 0 <= most <= MOST_ASKED:
        raise InputError(f"--ask is 0 to {MOST_ASKED}, not {most}")
    check_may(person, Action.WORK_FRAUD if most else Action.READ_FRAUD)
    if most:
        return _told(await ask_opinions(seat.runtime, person, most))
    return _told(await asyncio.to_thread(triage_view, seat.runtime))


def _said(one: Opinion) -> str:
    return f"{one.word.replace('_', ' ')} ({one.model}, ${one.cost_usd:.4f}): {one.reasons[0].text}"


def _told(view: TriageView) -> Outcome:
    words = {one.alert: one for one in view.opinions}
    lines = [view.note] if view.note else []
    lines.append(f"{len(view.opinions)} opinions of a model; {view.waiting} borderline cases have none")
    for id in view.order:
        one = words.get(id)
        lines.append(f"{id}  {_said(one)}" if one else id)
    lines += [f"{one.alert}  no opinion: {one.why}" for one in view.unanswered]
    return Outcome(0, view.model_dump(mode="json"), "\n".join(lines))
