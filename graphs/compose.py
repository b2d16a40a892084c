"""From the agents' replies to the one answer a person reads: slots filled, nothing stray."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agents.agent import Agent
from agents.answers import Citation, Reply, ShownFact, table_of
from agents.driver import NARRATOR
from agents.guardrails import find_faults
from desk.clock import to_iso
from desk.facts import Fact, FactTable
from desk.locales import HOUSE, Locale, locale_of
from desk.trading.approvals import Approval
from graphs.state import State

_FOREIGN_LINK = re.compile(r"!?(\[[^\]]*\])\((?!#fact-)")
_TAG = re.compile(r"<(?=[a-zA-Z/!])")
_ALWAYS = tuple(name for name in ShownFact.model_fields if name not in ("reads", "about"))
"""Fields of every fact; the other two are left out when empty."""
_SLOT_LINK = re.compile(r"\[([^\]]*)\]\(#fact-[^)]*\)")


@dataclass(frozen=True)
class Timings:
    """Milliseconds of a run: the routing decision, the first agent's end, all of it."""

    route_ms: float
    first_ms: float
    total_ms: float


def compose_answer(
    state: State, agents: dict[str, Agent], timings: Timings, approval: Approval | None
) -> dict[str, object]:
    """The answer of DESIGN §7 as plain JSON values.

    A reply whose text holds a stray numeral is withheld and says so; facts are only those shown.
    """
    replies = state["replies"]
    table = table_of(replies)
    locale = state.get("locale", "")
    text, shown = compose_text(replies, agents, table, state["question"], locale_of(locale))
    refusal = next((r.answer.refusal for r in replies if r.answer.refusal), None)
    models = sorted({r.model for r in replies} - {NARRATOR})
    fallbacks = [f"{r.agent}: {r.fallback}" for r in replies if r.fallback]
    return {
        "run": state["run"],
        "thread": state["thread"],
        "answer": text,
        "read_as": state["question"] if state["asked"] else None,
        "agents": [r.agent for r in replies],
        "facts": [_fact(fact) for fact in shown],
        "citations": [c.model_dump(mode="json") for c in _citations(replies)],
        "approval": None if approval is None else approval_summary(approval),
        "refusal": None if refusal is None else refusal.model_dump(mode="json"),
        "abstained": all(r.answer.abstained for r in replies),
        "model": ", ".join(models) or NARRATOR,
        "narrator": ", ".join(models) or NARRATOR,
        "fallback": "; ".join(fallbacks) or None,
        "timings": {"route_ms": timings.route_ms, "first_ms": timings.first_ms, "total_ms": timings.total_ms},
        "tokens": sum(r.tokens for r in replies),
        "prompt_tokens": sum(r.tokens_in for r in replies),
        "cost_usd": sum(r.cost_usd for r in replies),
        "prompts": [r.prompt for r in replies],
        "route": state["route"],
        "cards": [card.model_dump(mode="json") for r in replies for card in r.answer.cards],
        "details": {r.agent: r.typed for r in replies},
        **({"locale": locale} if locale else {}),
    }


def plain_text(answer: str) -> str:
    """The answer without fact links, for a terminal."""
    return _SLOT_LINK.sub(r"\1", answer)


def inert(text: str) -> str:
    """The text with every link, image and tag as plain signs: quoted words of others may bring some."""
    return _TAG.sub("&lt;", _FOREIGN_LINK.sub(r"\1 (", text))


def approval_summary(approval: Approval) -> dict[str, object]:
    """What an answer says of a proposal that waits."""
    orders = [order.to_dict() for order in approval.orders]
    return {
        "id": approval.id,
        "state": approval.state,
        "order": orders[0],
        "orders": orders,
        "account": approval.account,
        "expires_at": to_iso(approval.expires_at),
        "needs": approval.needs.reason,
        "warning": str(approval.evidence.get("warning", "")),
    }


def compose_text(
    replies: list[Reply], agents: dict[str, Agent], table: FactTable, question: str, locale: Locale = HOUSE
) -> tuple[str, list[Fact]]:
    """The replies' words with their slots filled, and the facts they show; what holds a fault is withheld.

    A verdict that something does not suit the person comes before what the others know.
    """
    parts: list[str] = []
    shown: dict[str, Fact] = {}
    for reply in sorted(replies, key=lambda r: r.answer.refusal is None or r.answer.refusal.rule != "suitability"):
        faults = find_faults(reply.answer.text, table, reply.answer.quoted, question)
        text = f"*This part was withheld: {faults[0]}.*" if faults else reply.answer.text
        filled, facts = (text, []) if faults else table.fill(inert(text), locale)
        if not reply.answer.abstained:
            shown |= {fact.id: fact for fact in facts}
        parts.append(filled if len(replies) == 1 else f"**{agents[reply.agent].title}**\n\n{filled}")
    return "\n\n".join(parts), list(shown.values())


def _citations(replies: list[Reply]) -> list[Citation]:
    found: dict[tuple[str, int, int], Citation] = {}
    for reply in replies:
        for citation in reply.answer.citations:
            found.setdefault((citation.filing, citation.start, citation.end), citation)
    return list(found.values())


def _fact(fact: Fact) -> dict[str, object]:
    exact = fact.value
    number = int(exact) if exact == exact.to_integral_value() else float(exact)
    plain: dict[str, object] = {name: getattr(fact, name) for name in _ALWAYS}
    more = {name: list(ids) for name, ids in (("reads", fact.reads), ("about", fact.about)) if ids}
    return {**plain, "value": number, "inputs": list(fact.inputs), **more, "hash": fact.hash}
