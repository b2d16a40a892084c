"""Trade Execution: turns a wish to trade into a proposal, or names the rule that forbids it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal, NamedTuple

from agents.advising import refuse_unsuited
from agents.agent import Agent, Turn
from agents.answers import AgentAnswer, Draft, Refusal
from agents.goal import find_products
from agents.order_wish import OrderWish
from agents.own_choice import judge_own
from desk.errors import Conflict, Forbidden, InputError
from desk.facts import SLOT, Fact
from desk.instruments import Instrument
from desk.portfolio.suitability import INSTEAD
from desk.trading.proposals import evidence_of
from tools.advice import check_suitability
from tools.case import WeighCase, weigh_case
from tools.own_choice import judge_own_order
from tools.reads import SAID
from tools.trading import (
    DraftedOrder,
    DraftOrder,
    TakeAmount,
    TakeShare,
    draft_order,
    register_outlook,
    take_amount,
    take_share,
)


class ExecutionAnswer(AgentAnswer):
    """What would be traded; empty when nothing would."""

    side: str = ""
    instrument: str = ""
    quantity: str = ""


def plan(turn: Turn) -> AgentAnswer:
    """Drafts exactly the order the person stated. A quantity a person stated is never changed.

    Of a part of what is held ("half of my Apple") the quantity is worked out from the account book.
    """
    wish = turn.request.order
    if wish is None and turn.earlier and len(turn.request.instruments) == 1:
        side: Literal["buy", "sell"] = "sell" if re.search(r"\b(?:sell|short)\b", turn.request.words) else "buy"
        if side == "buy" and (unsuited := _unsuited(turn, turn.request.instruments[0])) is not None:
            return unsuited
        weighed = _weighed(turn, turn.request.instruments[0], side)
        text = f"{weighed.text}\n\nName a quantity, and I propose the order; you decide."
        return ExecutionAnswer(text=text, quoted=(weighed.name,))
    if wish is None:
        return ExecutionAnswer(
            text="Tell me what to trade: a side, a quantity and an instrument, for example “buy a number of shares of "
            "Apple”. I only propose; you decide.",
            abstained=True,
        )
    if wish.instrument is None:
        return _refused("known_instrument", "instruments of this desk", wish.name, f"{wish.name!r} is not traded here")
    try:
        side, quantity, slot = _stated(turn, wish)
        arguments = DraftOrder(instrument=wish.instrument.id, side=side, quantity=quantity, limit_price=wish.limit)
        drafted = turn.call(draft_order, arguments)
    except InputError as error:
        return _refused(
            "valid_order",
            "a positive multiple of the lot",
            wish.quantity or wish.amount or str(wish.share),
            error.message,
        )
    except Forbidden as error:
        return _refused("role", "customer or trader", turn.context.person.role, error.message)
    if drafted.refusal is not None:
        no = drafted.refusal
        return _refused(no.rule, no.limit, no.value, no.message)
    own = judge_own(turn, drafted.order)
    if own.refusal is not None:
        said = (own.refusal.message,)
        return ExecutionAnswer(text=own.text, refusal=own.refusal, quoted=said, ends=True)
    return _proposal(turn, wish, drafted, Stated(slot, own.warning))


def _unsuited(turn: Turn, instrument: Instrument) -> ExecutionAnswer | None:
    """The refusal of what does not suit a customer; None when it does, and for everybody else."""
    products = find_products("", (instrument,))
    no = refuse_unsuited(turn, products)
    if no is None:
        return None
    instead = [INSTEAD[product] for product in products if product in INSTEAD]
    text = f"I do not recommend {no.value} to you: {no.message}."
    text += f" What speaks for something else: {'; '.join(instead)}." if instead else ""
    return ExecutionAnswer(text=text, refusal=no, quoted=(no.message,), ends=True)


def _stated(turn: Turn, wish: OrderWish) -> tuple[Literal["buy", "sell"], str, str]:
    """Side, units, and the units' slot: as the person said, the part of what is held, or what the money buys."""
    if wish.instrument is not None and wish.share is not None:
        part = turn.call(take_share, TakeShare(instrument=wish.instrument.id, share=str(wish.share)))
        return part.side, part.quantity, part.slot
    if wish.instrument is not None and wish.amount:
        part = turn.call(take_amount, TakeAmount(instrument=wish.instrument.id, amount=wish.amount))
        return part.side, part.quantity, part.slot
    return "buy" if wish.side.value == "buy" else "sell", wish.quantity, ""


def _refused(rule: str, limit: str, value: str, message: str) -> ExecutionAnswer:
    refusal = Refusal(rule=rule, limit=limit, value=value, message=message)
    text = f"The gate refuses this: {message}. Nobody was asked to approve it, and nothing was sent."
    return ExecutionAnswer(text=text, refusal=refusal, quoted=(message,))


class Stated(NamedTuple):
    """The slot of a quantity that was worked out (empty when it was stated), and the warning of an own choice."""

    slot: str
    warning: str


class _Weighed(NamedTuple):
    """The case as text with slots, and the instrument as named in it."""

    text: str
    name: str


def _weighed(turn: Turn, instrument: Instrument, side: Literal["buy", "sell"]) -> _Weighed:
    """Both sides from the facts of this run, and what the stated rule makes of them."""
    case = turn.call(weigh_case, WeighCase(instrument=instrument.id, side=side))
    lines = [f"**The case for and against {case.name}**", ""]
    lines += [f"- For it: {point}" for point in case.for_it] or ["- For it: nothing that the rule counts"]
    lines += [f"- Against it: {point}" for point in case.against] or ["- Against it: nothing that the rule counts"]
    if case.unknown:
        lines.append(f"- Not known: {', '.join(case.unknown)}")
    doing = "buying" if side == "buy" else "selling"
    said = {"supported": f"supports {doing}", "opposed": f"speaks against {doing}", "balanced": "takes no side"}
    lines += [
        "",
        f"{case.bull} for, {case.bear} against. The desk's rule asks for a lead of {case.lead} points and "
        f"**{said[case.verdict]}**. It is arithmetic on these facts, not advice.",
    ]
    return _Weighed("\n".join(lines), case.name)


def _proposal(turn: Turn, wish: OrderWish, drafted: DraftedOrder, stated: Stated) -> AgentAnswer:
    outlook, needs, order, quantity = drafted.outlook, drafted.needs, drafted.order, stated.slot
    if outlook is None or needs is None or wish.instrument is None:
        raise Conflict("the dry run passed but gave no outlook; ask again")
    slot = register_outlook(turn.context, outlook, "order")
    if not quantity:
        of = (order.quantity, "units", turn.context.market_time(), "your request", "question")
        quantity = turn.context.facts.add(replace(Fact("order_quantity", "quantity", *of), reads=SAID))
    name = f"{wish.instrument.name} ({wish.instrument.id})"
    text = (
        f"I propose to **{order.side.value} {quantity} of {name}** for account {order.account}, "
        f"about {slot['notional']}, with an expected cost of {slot['cost']} "
        f"(commission {slot['commission']}, half the spread {slot['spread']}).\n\n"
        f"- Value at risk (one day): {slot['var_before']} before, {slot['var_after']} after\n"
        f"- Gross exposure: {slot['exposure_before']} before, {slot['exposure_after']} after\n"
        f"- Cash after: {slot['cash_after']}\n\n"
        f"It waits in Approvals: {drafted.decides or needs.reason}. Prices are replayed and the venue is simulated."
    )
    if stated.warning:
        case = _Weighed(f"**{stated.warning}**", name)
        text = f"{case.text}\n\n{text}"
    else:
        case = _weighed(turn, wish.instrument, order.side.value)
        text += f"\n\n{case.text}"
    why = f"{turn.context.person.display_name} asked: {turn.request.question[:300]}\n\n{_plain(turn, case.text)}"
    draft = Draft(
        account=order.account,
        orders=(order,),
        evidence=evidence_of(outlook, why, stated.warning),
        needs=needs,
        customer_account=drafted.customer_account,
    )
    return ExecutionAnswer(
        text=text,
        draft=draft,
        quoted=(name, order.account, needs.reason, case.name),
        side=order.side.value,
        instrument=order.instrument,
        quantity=str(order.quantity),
    )


def _plain(turn: Turn, text: str) -> str:
    """The text as evidence keeps it: each slot its fact's words."""
    return SLOT.sub(lambda slot: turn.context.facts.get(slot[1]).text(), text)


def build() -> Agent:
    """The agent."""
    return Agent(
        name="execution",
        title="Trade execution",
        purpose="order proposals with expected cost, for a person to answer",
        tools=(draft_order, take_share, take_amount, weigh_case, check_suitability, judge_own_order),
        answer=ExecutionAnswer,
        plan=plan,
    )
