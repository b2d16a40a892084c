"""The wait for a person, and what follows a yes.

`settle` is the one way from an approved proposal to orders at the gate. It may be called again
at any time (after a crash, twice by accident): every order carries its client id.
"""

from __future__ import annotations

from collections.abc import Sequence

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


def find_draft(replies: Sequence[Reply]) -> tuple[Sequence[Reply], Draft] | None:
    """The replies up to the last that would move money, with its draft; None when none would."""
    for number in range(len(replies), 0, -1):
        draft = replies[number - 1].answer.draft
        if draft is not None:
            return replies[:number], draft
    return None


def propose(proposals: Proposals, asker: Person, run: str, replies: Sequence[Reply], draft: Draft) -> Approval:
    """Stores the proposal of a run, made by the last of `replies`; the same run again returns the same proposal.

    Its evidence holds the facts of all these replies. Forbidden when the asker may not trade.
    """
    check_may(asker, Action.TRADE)
    reply = replies[-1]
    evidence: dict[str, JsonValue] = dict(draft.evidence)
    evidence["citations"] = [citation.model_dump(mode="json") for citation in reply.answer.citations]
    evidence["facts"] = [fact.model_dump(mode="json") for said in replies for fact in said.facts]
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
