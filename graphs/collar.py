"""A proposal's price at the yes beside the one it was proposed at: too far apart, the yes was for something else."""

from __future__ import annotations

from desk.errors import OrderRefused
from desk.factory import Desk
from desk.orders import Order
from desk.trading.approvals import Approval
from desk.trading.proposals import price_for

RULE = "price_band"


def check_price(desk: Desk, approval: Approval, order: Order) -> None:
    """OrderRefused (`price_band`), with both prices, when the price moved past the gate's collar, or left it.

    A proposal that keeps no price, and an order that no longer has one, is left to the gate.
    """
    before = _proposed_at(approval, order)
    decision = desk.trading.gate.check(order, exact=True)
    if before is None or decision.estimate is None:
        return
    now, most = price_for(desk.feed, order), desk.trading.gate.rules.limits.price_band_bps
    moved = -(-abs(now - before) * 10_000 // before)
    outside = decision.refusal is not None and decision.refusal.rule == RULE
    if moved <= most and not outside:
        return
    instrument = desk.feed.instruments.get(order.instrument)
    then, today = (f"{ticks * instrument.tick:f}" for ticks in (before, now))
    raise OrderRefused(
        f"price_band: {order.instrument} was {then} {instrument.currency} when this was proposed and is {today} now, "
        f"{moved} bps away; the collar is {most} bps. Ask for a new proposal",
        rule=RULE,
        limit=str(most),
        value=decision.refusal.value if outside and decision.refusal else str(moved),
        proposed_price=then,
        price_now=today,
        collar_bps=str(most),
    )


def _proposed_at(approval: Approval, order: Order) -> int | None:
    prices = approval.evidence.get("prices")
    at = approval.orders.index(order)
    found = prices[at] if isinstance(prices, list) and at < len(prices) else None
    return found if isinstance(found, int) and found > 0 else None
