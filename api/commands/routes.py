"""`tenor route explain`: which agents a question reaches, and why."""

from __future__ import annotations

from agents.request import check_question, read_request
from api.commands.seat import Seat
from api.holder import Outcome
from desk.identity.roles import Action, check_may


async def route(seat: Seat) -> Outcome:
    """The route of a question, its terms of art and the nearest utterances; no agent speaks."""
    check_may(seat.person(), Action.ASK)
    runtime, question = seat.runtime, check_question(seat.args.question)
    chosen = (await runtime.router.choose(read_request(question, runtime.desk.feed.instruments))).to_dict()
    why = runtime.router.explain(question)
    lines = [f"{', '.join(str(a) for a in _list(chosen['agents']))}, by {chosen['by']} in {chosen['ms']} ms"]
    if chosen["choices"]:
        lines.append(f"in doubt between {' and '.join(str(a) for a in _list(chosen['choices']))}")
    if chosen["late"]:
        lines.append(f"sentence model: {chosen['late']}")
    shares = chosen["probabilities"]
    lines += [f"  {agent:15} {share:.3f}" for agent, share in shares.items()] if isinstance(shares, dict) else []
    terms = why["terms"]
    lines += [f"  terms of {agent}: {', '.join(t)}" for agent, t in terms.items()] if isinstance(terms, dict) else []
    lines += [f"  like: {n['utterance']} ({n['agent']}, {n['likeness']})" for n in _rows(why["nearest"])]
    return Outcome(0, {"question": question, **chosen, **why}, "\n".join(lines))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _rows(value: object) -> list[dict[str, object]]:
    return [row for row in _list(value) if isinstance(row, dict)]
