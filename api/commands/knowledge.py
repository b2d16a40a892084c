"""`tenor knowledge list | search QUESTION | show ID`."""

from __future__ import annotations

from api.commands.seat import Seat
from api.holder import Outcome
from api.routes.knowledge import entry_view, title_of
from desk.identity.roles import Action, check_may
from rag.knowledge.entries import Entry


async def knowledge(seat: Seat) -> Outcome:
    """`search` says how well each of the best entries fits, and whether the first would be given as the answer."""
    check_may(seat.person(), Action.ASK)
    base = seat.runtime.knowledge
    if seat.args.verb == "show":
        view = entry_view(seat.runtime, seat.args.id)
        head = f"{view.title} ({view.id}@{view.version}, {view.topic}, {view.as_of})"
        tail = f"Sources: {'; '.join(view.sources)}\nRelated: {', '.join(other.id for other in view.related)}"
        return Outcome(0, view.model_dump(mode="json"), f"{head}\n\n{view.answer}\n\n{tail}")
    if seat.args.verb == "search":
        found = base.find(seat.args.question)
        rows = [{**title_of(m.entry).model_dump(), "score": m.score} for m in found.matches]
        lines = [f"{match.score:.2f}  {_line(match.entry)}" for match in found.matches]
        fit = found.fit or "none fits well enough to be the answer"
        return Outcome(0, {"fit": found.fit, "entries": rows}, "\n".join([*lines, f"fit: {fit}"]))
    entries = base.entries.all
    listed = [title_of(entry).model_dump() for entry in entries]
    return Outcome(0, {"entries": listed}, "\n".join(map(_line, entries)))


def _line(entry: Entry) -> str:
    return f"{entry.id:26} {entry.title} ({entry.topic})"
