"""A run and the origin of a fact as lines for a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator

from api.tracing import RunTrace, TraceProposal
from graphs.compose import plain_text
from graphs.replay.origins import FactOrigin, NamedFact
from graphs.replay.trace import TracePart


def run_lines(view: RunTrace) -> Iterator[str]:
    """From words to order."""
    yield f"Run {view.run} of {view.person}, {view.at} (record SHA-256 {view.hash})"
    yield f"Asked: {view.asked}"
    if view.read_as:
        yield f"Read as: {view.read_as}"
    sure = "" if view.route.confidence is None else f", {view.route.confidence:.0%} sure"
    yield f"Route: {', '.join(view.route.agents)} (by {view.route.by}, {view.route.ms:.1f} ms{sure})"
    for part in view.parts:
        yield from _part_lines(part)
    yield f"Facts: {len(view.facts)}"
    for fact in view.facts:
        where = f"{fact.agent}, {fact.tool}" if fact.tool else f"{fact.agent}, plan"
        yield f"  {fact.id}: {fact.label} {fact.text} ({where}; {fact.source}; {fact.locator})"
    yield "Answer:"
    yield from (f"  {line}" if line else "" for line in plain_text(view.answer).splitlines())
    price = f"{view.timings.total_ms:.0f} ms, {view.tokens} tokens, ${view.cost_usd:.6f}, {view.model}"
    yield f"{price}; fell back: {view.fallback}" if view.fallback else price
    if view.proposal is not None:
        yield from _proposal_lines(view.proposal)


def _part_lines(part: TracePart) -> Iterator[str]:
    spent = f"{part.tokens_in + part.tokens_out} tokens, ${part.cost_usd:.6f}"
    yield f"{part.title}: {part.ms:.1f} ms, {part.prompt}, {part.model}, {spent}"
    if part.asked:
        yield f"  asked {part.asked}" + (f"; passed over: {part.passed}" if part.passed else "")
    if part.fallback:
        yield f"  fell back: {part.fallback}"
    for call in part.calls:
        done = f"{len(call.facts)} facts" if call.ok else f"failed: {call.error}"
        yield f"  {call.number}. {call.tool} {json.dumps(call.arguments, ensure_ascii=False)}: {done}"


def _proposal_lines(proposal: TraceProposal) -> Iterator[str]:
    yield f"Proposal {proposal.id}, account {proposal.account}: {proposal.state}; {proposal.decides}"
    yield from (f"  not from the person: {taint}" for taint in proposal.taints)
    for answer in proposal.answers:
        yield f"  {answer.decision} by {answer.user}, {answer.at}"
    for row in proposal.orders:
        order = row.order
        yield f"Order {order.id}: {order.side} {order.quantity:g} {order.instrument}, {order.state}, {order.broker}"
        for fill in row.fills:
            yield f"  filled {fill.quantity:g} at {fill.price} {fill.currency}, {fill.at}"


def origin_lines(origin: FactOrigin) -> Iterator[str]:
    """What is behind one fact."""
    fact = origin.fact
    yield f"{fact.label}: {fact.text}"
    yield f"  {origin.run}/{fact.id}, SHA-256 {fact.hash}"
    yield f"  exact value {fact.value} {fact.unit}, as of {fact.as_of}"
    yield f"  source {fact.source}; {fact.locator}"
    how = f"{fact.tool} {origin.arguments}" if fact.tool else "the plan, from results of its calls"
    yield f"  registered by {fact.agent}: {how}"
    if origin.about is not None:
        yield f"  about {origin.about.kind} {origin.about.id} ({origin.about.name})"
    yield from _named_lines("rests on", origin.inputs)
    yield from _named_lines("named by", origin.named_by)
    for place in origin.places:
        yield f"  shown by {place.agent}: …{place.before}[{place.text}]{place.after}…"
    for citation in origin.citations:
        yield f"  cited: {citation.document}, page {citation.page}: {citation.quote}"


def _named_lines(how: str, facts: tuple[NamedFact, ...]) -> Iterator[str]:
    for fact in facts:
        yield f"  {how} {fact.id}: {fact.label} {fact.text}"
