"""A schedule from a person or program: started, or proposed to a second person; changed; shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Literal

from pydantic import JsonValue

from api.schedule_forms import ScheduleChange, ScheduleForm, new_schedule_id, read_change, read_schedule
from api.schedule_views import PreviewView, ScheduleDetail, ScheduleStarted, preview_view, schedule_detail
from api.views import approval_view
from desk.errors import Conflict, Forbidden, NotFound
from desk.factory import Desk
from desk.identity.roles import Needs, Person, Role, approval_needs
from desk.money import minor_digits
from desk.orders import Check, Chosen
from desk.trading.approvals import Approval
from desk.trading.decisions import Decision
from desk.trading.proposals import evidence_of, look_ahead
from desk.trading.schedule import Schedule, State, Terms
from desk.trading.schedule_orders import parent_order, whole_order
from desk.trading.schedule_plan import Outlook
from desk.trading.schedules import changed_terms
from graphs.runtime import Runtime

Verb = Literal["pause", "resume", "cancel"]

OF_ONE_ORDER = frozenset({"max_order_quantity", "max_order_notional", "max_order_rate", "lot"})
"""Limits that each child keeps by itself: all of a schedule is never one order."""


def preview_schedule(runtime: Runtime, person: Person, form: ScheduleForm) -> PreviewView:
    """Slices, expected cost and who must agree; nothing comes to exist. Raises as `start_schedule`."""
    desk = runtime.desk
    terms = read_schedule(desk, person, form)
    outlook = desk.schedules.preview(terms)
    whole = _whole(desk, form.id or new_schedule_id(), terms, person)
    return preview_view(desk, terms, outlook, _needs(desk, person, terms, whole).second, _broken(whole))


def start_schedule(runtime: Runtime, person: Person, form: ScheduleForm) -> ScheduleStarted:
    """Starts a schedule, or stores it with a proposal when all of it is above one's threshold.

    The same `id` again is the first one. Raises InputError and NotFound for what cannot be read,
    Forbidden for another's account, Halted, and OrderRefused for what compliance forbids.
    """
    desk = runtime.desk
    terms, id = read_schedule(desk, person, form), form.id or new_schedule_id()
    if all(each.id != id for each in desk.schedules.list()):
        desk.schedules.preview(terms)
        second = _needs(desk, person, terms, _whole(desk, id, terms, person)).second
    else:
        second = False  # the first one says what it needed
    schedule = desk.schedules.start(id, terms, person.name, f"ap-sc-{id}" if second else "")
    approval = _propose(desk, person, schedule) if schedule.approval else None
    view = None if approval is None else approval_view(desk, approval, person)
    return ScheduleStarted(schedule=schedule_detail(desk, schedule), approval=view)


def amend_schedule(runtime: Runtime, person: Person, id: str, change: ScheduleChange) -> ScheduleDetail:
    """Changes quantity, end or limit of a schedule of one's own accounts.

    Forbidden when the change would need a second person's yes (above one's threshold, or anything but
    less of what a second person agreed to): cancel it and start another. Conflict while it waits for a yes.
    """
    desk, schedule = runtime.desk, own_schedule(runtime, person, id)
    asked = read_change(desk, schedule.terms, change)
    terms = changed_terms(schedule.terms, *asked)
    if schedule.approval and schedule.state is State.WAITING:
        raise Conflict(f"schedule {id} waits for approval {schedule.approval} as it stands; cancel it, start another")
    less = replace(schedule.terms, lots=terms.lots) == terms and terms.lots <= schedule.terms.lots
    if schedule.approval and not less:
        raise Forbidden(f"schedule {id} was agreed to as it stands; it may only be made smaller, or cancelled")
    if terms.lots > schedule.terms.lots or terms.limit_ticks != schedule.terms.limit_ticks:
        whole = _whole(desk, id, terms, person)
        needs = _needs(desk, person, terms, whole)
        if needs.second:
            raise Forbidden(f"schedule {id} would be {needs.reason}; cancel it and start another for a second person")
    done = desk.schedules.amend(id, person.name, lots=asked.lots, end=asked.end, limit_ticks=asked.limit_ticks)
    return schedule_detail(desk, done)


def change_schedule(runtime: Runtime, person: Person, id: str, verb: Verb) -> ScheduleDetail:
    """Pauses, resumes or cancels a schedule of one's own accounts; repeats do nothing."""
    schedules = runtime.desk.schedules
    own_schedule(runtime, person, id)
    how: dict[Verb, Callable[[str, str], Schedule]] = {
        "pause": schedules.pause,
        "resume": schedules.resume,
        "cancel": schedules.cancel,
    }
    return schedule_detail(runtime.desk, how[verb](id, person.name))


def seen_schedules(runtime: Runtime, person: Person | None) -> list[Schedule]:
    """Those of the accounts one may see, newest first; None (the machine's owner) and compliance see all."""
    found = runtime.desk.schedules.list()
    if person is None or person.role is Role.COMPLIANCE:
        return found
    return [each for each in found if each.terms.account in person.accounts]


def seen_schedule(runtime: Runtime, person: Person | None, id: str) -> Schedule:
    """One of them; NotFound otherwise."""
    found = next((each for each in seen_schedules(runtime, person) if each.id == id), None)
    if found is None:
        raise NotFound(f"schedule {id!r} does not exist; `tenor schedules list` shows those that do")
    return found


def own_schedule(runtime: Runtime, person: Person, id: str) -> Schedule:
    """A schedule of one's own accounts; NotFound for any other."""
    found = seen_schedule(runtime, person, id)
    if found.terms.account not in person.accounts:
        raise NotFound(f"schedule {id!r} does not exist")
    return found


def _whole(desk: Desk, id: str, terms: Terms, person: Person) -> Decision:
    """The gate's reading of all of it as one order. Raises for a halt, for what compliance forbids, without a price."""
    order = whole_order(id, terms, person.name, desk.feed.instruments.get(terms.instrument))
    decision = desk.trading.gate.check(order, exact=True)
    forbidden = any(not check.ok for check in decision.rules)
    if decision.refusal is not None and (decision.estimate is None or forbidden):
        raise decision.refusal.error()
    return decision


def _broken(whole: Decision) -> list[Check]:
    return [check for check in whole.checks if not check.ok and check.rule not in OF_ONE_ORDER]


def _needs(desk: Desk, person: Person, terms: Terms, whole: Decision) -> Needs:
    digits = minor_digits(desk.trading.gate.rules.limits.base)
    notional = Decimal(whole.estimate.notional).scaleb(-digits) if whole.estimate else Decimal(0)
    customer = desk.trading.is_customer_account(terms.account)
    return approval_needs(person, customer, notional, desk.thresholds)


def _propose(desk: Desk, person: Person, schedule: Schedule) -> Approval:
    """The proposal of a schedule: bound to its terms by the evidence, to the whole quantity by the order's hash.

    One that exists is returned as it is.
    """
    try:
        return desk.approvals.get(schedule.approval)
    except NotFound:
        pass
    terms = schedule.terms
    order = parent_order(schedule)
    ahead = look_ahead(desk.trading, desk.feed, [replace(order, chosen=Chosen.PERSON)])
    evidence = evidence_of(ahead, _why(terms, desk.schedules.preview(terms)))
    limits = evidence["limits"] if isinstance(evidence["limits"], list) else []
    evidence["limits"] = [row for row in limits if isinstance(row, dict) and row["rule"] not in OF_ONE_ORDER]
    evidence["schedule"] = dict[str, JsonValue](terms.to_dict())
    return desk.approvals.propose(
        thread=f"schedule-{schedule.id}",
        asker=person,
        agent="",
        orders=[order],
        evidence=evidence,
        needs=_needs(desk, person, terms, _whole(desk, schedule.id, terms, person)),
        customer_account=desk.trading.is_customer_account(terms.account),
        id=schedule.approval,
    )


def _why(terms: Terms, outlook: Outlook) -> str:
    expected = outlook.expected
    return (
        f"A {terms.kind} schedule from {terms.start:%H:%M:%S} to {terms.end:%H:%M:%S} UTC in {len(outlook.plan)} "
        f"slices, asked for by hand. Expected cost against arrival {expected.total:.1f} basis points, 95 % of outcomes "
        f"between {expected.low:.1f} and {expected.high:.1f} (published model; {outlook.labels[0]})."
    )
