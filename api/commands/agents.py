"""`tenor agents list | model AGENT [MODEL|default|none] | cost`."""

from __future__ import annotations

import asyncio

from api.commands.seat import Seat
from api.holder import Outcome
from api.routes.agents import AgentModelView, TurnsView, choice_view, report_view
from desk.identity.roles import Action, check_may


async def agents(seat: Seat) -> Outcome:
    """`list` what every agent asks; `model` shows one's choice or, with a word more, sets it; `cost`: their turns."""
    voices, args = seat.runtime.voices, seat.args
    if args.verb == "model" and args.model:
        person = seat.named()
        check_may(person, Action.CHANGE_MODELS)
        return _shown(choice_view(seat.runtime, voices.choose(args.agent, args.model, person.name)))
    reader = seat.reader()
    if reader is not None:
        check_may(reader, Action.READ_EVALS)
    if args.verb == "cost":
        view = report_view(await asyncio.to_thread(seat.runtime.turns.report, args.window))
        text = "\n".join(map(_turns_line, view.rows)) or f"No agent was asked in the last {args.window}."
        return Outcome(0, view.model_dump(mode="json"), text)
    if args.verb == "model":
        return _shown(choice_view(seat.runtime, voices.of(args.agent)))
    views = [choice_view(seat.runtime, choice) for choice in voices.all()]
    result = {"agents": [view.model_dump(mode="json") for view in views], "models": list(voices.names)}
    return Outcome(0, result, "\n".join(map(_line, views)))


def _shown(view: AgentModelView) -> Outcome:
    return Outcome(0, view.model_dump(mode="json"), _line(view))


def _line(view: AgentModelView) -> str:
    asks = ", then ".join(view.order) or "no model: the plan's own words"
    gone = "" if view.configured else f" ({view.model} is not configured any more)"
    return f"{view.agent:16} {view.model:24} asks {asks}{gone}"


def _turns_line(row: TurnsView) -> str:
    took = f"p50 {row.total_ms.p50:.0f} ms, p95 {row.total_ms.p95:.0f} ms"
    line = f"{row.prompt:20} {row.asked or 'no model':20} {row.turns:6} turns  {took}  ${row.cost_usd:.6f}"
    return f"{line}  {row.fallbacks} fell back: {row.reasons[0].reason}" if row.fallbacks else line
