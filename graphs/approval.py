"""The wait for a person, and what follows a yes.

`settle` is the one way from an approved proposal to orders at the gate. It may be called again
at any time (after a crash, twice by accident): every order carries its client id.
"""

from __future__ import annotations

from langgraph.types import interrupt
from pydantic import JsonValue

from agents.answers import Draft, Reply
from desk.errors import OrderRefused
from desk.factory import Desk
from desk.identity.roles import Action, Person, check_may
from desk.orders import Chosen, Order, OrderStatus
from desk.trading.approvals import Approval
from graphs.premises import check_premises
from graphs.world import Proposals


def find_draft(replies: list[Reply]) -> tuple[Reply, Draft] | None:
    """The last reply that would move money, with its draft; None when none would."""
    for reply in reversed(replies):
        if reply.answer.draft is not None:
            return reply, reply.answer.draft
    return None


def propose(proposals: Proposals, asker: Person, run: str, reply: Reply, draft: Draft) -> Approval:
    """Stores the proposal of a run; the same run again returns the same proposal. Forbidden when they may not."""
    check_may(asker, Action.TRADE)
    evidence: dict[str, JsonValue] = dict(draft.evidence)
    evidence["citations"] = [citation.model_dump(mode="json") for citation in reply.answer.citations]
    evidence["facts"] = [fact.model_dump(mode="json") for fact in reply.facts]
    return proposals.propose(
        thread=run,
        asker=asker,
        agent=reply.agent,
        orders=list(draft.orders),
        evidence=evidence,
        needs=draft.needs,
        customer_account=draft.customer_account,
        id=f"ap-{run}",
    )


def wait_for_person(approval: Approval) -> str:
    """Stops the graph here until somebody answered; then returns "approve" or "refuse"."""
    return str(interrupt({"approval": approval.id, "expires_at": approval.expires_at.isoformat()}))


def sendable(approval: Approval) -> list[Order]:
    """The orders that follow the yes. A schedule's whole is none: the schedule sees its yes and sends children."""
    return [order for order in approval.orders if order.chosen is not Chosen.SCHEDULE]


def settle(desk: Desk, approval: Approval) -> list[OrderStatus]:
    """Sends every order of an approved proposal to the gate, each exactly once.

    When the gate refuses one now (limits moved, halted), the proposal is marked failed and the
    refusal is raised; orders before it stand.
    """
    for order in sendable(approval):
        if desk.order_status(order.client_id) is not None:
            continue
        try:
            check_premises(desk, approval, order)
            desk.trading.gate.submit(order, route="broker", exact=True)
        except OrderRefused as refusal:
            desk.approvals.fail(approval.id, refusal.message)
            raise
    found = [desk.order_status(order.client_id) for order in approval.orders]
    return [status for status in found if status is not None]


def settle_all(desk: Desk) -> int:
    """Finishes what a dead process left between the yes and the gate; returns how many orders it sent."""
    sent = 0
    for approval in desk.approvals.list("approved"):
        missing = [order for order in sendable(approval) if desk.order_status(order.client_id) is None]
        if missing:
            try:
                settle(desk, approval)
            except OrderRefused:
                continue
            sent += len(missing)
    return sent
