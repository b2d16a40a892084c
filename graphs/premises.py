"""What a proposal rested on, looked at again at the yes: that its instrument is listed, tick and lot, the price, and
of a customer's own choice that it still is one.

Where one is another now, the yes was for something else.
"""

from __future__ import annotations

from decimal import Decimal

from desk.errors import OrderRefused
from desk.factory import Desk
from desk.instruments import Steps
from desk.orders import Order
from desk.portfolio.own_choice import MOST_IN_ONE
from desk.trading.approvals import Approval
from desk.trading.proposals import price_for
from tools.own_choice import judge_order

RULE = "price_band"


def check_premises(desk: Desk, approval: Approval, order: Order) -> None:
    """OrderRefused, naming what was and what is: `listing` for the instrument, `price_band` for the price.

    What an older proposal did not keep is left to the gate.
    """
    _check_listing(desk, approval, order)
    _check_price(desk, approval, order)
    if approval.evidence.get("warning"):
        check_own_choice(desk, order)


def check_own_choice(desk: Desk, order: Order) -> None:
    """OrderRefused when what a customer stated themselves may not be their own choice any more, or not this much."""
    case = judge_order(desk, order)
    if case is None or case.judgement.verdict != "refuse":
        return
    stated, judgement = case
    why = "; ".join(reason.text for reason in judgement.reasons)
    most, share = f"{MOST_IN_ONE:.0%}", f"{stated.share_after:.2%}"
    raise OrderRefused(
        f"{judgement.rule}: {why}; {order.instrument} would be {share} of the account after this order, at most {most} "
        f"may be, and the largest quantity that fits is {stated.fits_still:f}",
        rule=judgement.rule,
        limit=most,
        value=share,
        fits=f"{stated.fits_still:f}",
    )


def _check_listing(desk: Desk, approval: Approval, order: Order) -> None:
    then = _counted_in(approval, order)
    changed = desk.feed.instruments.changed(order.instrument, then)
    if not changed:
        return
    now = desk.feed.instruments.known(order.instrument)
    told: dict[str, str] = {}
    if then is not None:
        told |= {"proposed_tick": format(then.tick, "f"), "proposed_lot": format(then.lot, "f")}
    if now is not None and now.tradable:
        told |= {"tick_now": format(now.tick, "f"), "lot_now": format(now.lot, "f")}
    raise OrderRefused(
        f"listing: {changed}. Ask for a new proposal",
        rule="listing",
        limit="as proposed",
        value="changed" if "tick_now" in told else "not listed",
        **told,
    )


def _check_price(desk: Desk, approval: Approval, order: Order) -> None:
    """Both prices are named when the price moved past the gate's collar, or left it."""
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
    found = _kept(approval, order, "prices")
    return found if isinstance(found, int) and found > 0 else None


def _counted_in(approval: Approval, order: Order) -> Steps | None:
    found = _kept(approval, order, "steps")
    if not isinstance(found, dict):
        return None
    return Steps(Decimal(str(found["tick"])), Decimal(str(found["lot"])))


def _kept(approval: Approval, order: Order, name: str) -> object:
    """What the evidence keeps of this order by that name; None for nothing."""
    kept, at = approval.evidence.get(name), approval.orders.index(order)
    return kept[at] if isinstance(kept, list) and at < len(kept) else None
