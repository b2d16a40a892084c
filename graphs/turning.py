"""What the book of turns keeps of an agent's reply."""

from __future__ import annotations

from agents.answers import Reply
from agents.driver import NARRATOR
from desk.llm.turns import AgentTurn


def turn_of(reply: Reply, run: str) -> AgentTurn:
    """What the book of turns keeps of a reply: figures, and why words fell back; not the words."""
    same = {name: getattr(reply, name) for name in ("agent", "prompt", "asked", "first_ms", "ms", "cost_usd")}
    model, reason = "" if reply.model == NARRATOR else reply.model, reply.fallback or reply.passed
    return AgentTurn(
        run=run, model=model, reason=reason, tokens_in=reply.tokens_in, tokens_out=reply.tokens_out, **same
    )
