"""`tenor schedules`: list, show, preview, start, pause, resume, amend, cancel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from api.commands.seat import Seat
from api.commands.trading import only_account, read_form, trader_of
from api.holder import Outcome
from api.schedule_forms import ScheduleChange, ScheduleForm
from api.schedule_views import ExpectedView, ScheduleDetail, ScheduleView, schedule_detail, schedule_view
from api.scheduling import (
    Verb,
    amend_schedule,
    change_schedule,
    preview_schedule,
    seen_schedule,
    seen_schedules,
    start_schedule,
)
from desk.identity.roles import Person


async def schedules(seat: Seat) -> Outcome:
    """Reads without `--as` are the machine's owner's; all else is in somebody's name."""
    verbs: dict[str, Callable[[Seat], Outcome]] = {
        "list": _list,
        "show": _show,
        "preview": _preview,
        "start": _start,
        "amend": _amend,
        "pause": partial(_change, verb="pause"),
        "resume": partial(_change, verb="resume"),
        "cancel": partial(_change, verb="cancel"),
    }
    return verbs[seat.args.verb](seat)


def _list(seat: Seat) -> Outcome:
    views = [schedule_view(seat.runtime.desk, each) for each in seen_schedules(seat.runtime, seat.reader())]
    result: dict[str, object] = {"schedules": [view.model_dump(mode="json") for view in views]}
    return Outcome(0, result, "\n".join(_line(view) for view in views) or "No schedules yet.")


def _show(seat: Seat) -> Outcome:
    return _detailed(schedule_detail(seat.runtime.desk, seen_schedule(seat.runtime, seat.reader(), seat.args.id)))


def _preview(seat: Seat) -> Outcome:
    person = trader_of(seat)
    seen = preview_schedule(seat.runtime, person, _form(seat, person))
    lines = [f"{each.at[11:19]}  {each.quantity:g}  ({each.total:g})" for each in seen.plan]
    lines.append(_expected(seen.expected))
    lines += [f"Warning: {check.message}" for check in seen.warnings]
    if seen.needs_approval:
        lines.append("Above your threshold: a second person must agree.")
    return Outcome(0, seen.model_dump(mode="json"), "\n".join([*lines, *seen.labels]))


def _start(seat: Seat) -> Outcome:
    person = trader_of(seat)
    done = start_schedule(seat.runtime, person, _form(seat, person))
    said = _line(done.schedule)
    if done.approval is not None and done.approval.state == "waiting":
        said = f"Above your threshold: proposal {done.approval.id} waits for a yes.\n{said}"
    return Outcome(0, done.model_dump(mode="json"), said)


def _amend(seat: Seat) -> Outcome:
    args = seat.args
    typed = {"quantity": args.quantity, "end": args.end, "minutes": args.minutes, "limit_price": args.limit}
    return _detailed(amend_schedule(seat.runtime, trader_of(seat), args.id, read_form(ScheduleChange, typed)))


def _change(seat: Seat, verb: Verb) -> Outcome:
    return _detailed(change_schedule(seat.runtime, trader_of(seat), seat.args.id, verb))


def _form(seat: Seat, person: Person) -> ScheduleForm:
    args = seat.args
    typed = {
        "account": args.account or only_account(person),
        "instrument": args.instrument,
        "side": args.side,
        "quantity": args.quantity,
        "kind": args.kind,
        "start": args.start,
        "end": args.end,
        "minutes": args.minutes,
        "slices": args.slices,
        "limit_price": args.limit,
        "urgency": args.urgency,
        "participation_pct": args.participation,
        "max_shown_pct": args.max_shown,
        "id": args.id,
    }
    return read_form(ScheduleForm, typed)


def _detailed(view: ScheduleDetail) -> Outcome:
    report, lines = view.report, [_line(view)]
    if report.cost_bps is not None:
        lines.append(
            f"Average {report.average:g} against arrival {report.arrival:g}: {report.cost_bps:.2f} basis points, "
            f"{report.currency} {report.cost:g} (spread {report.spread:g}, drift {report.drift:g}, "
            f"commission {report.commission:g})"
        )
    if view.expected is not None:
        lines.append(_expected(view.expected))
    lines += [f"  {each.client_id}: {each.reason}" for each in view.orders if each.reason]
    return Outcome(0, view.model_dump(mode="json"), "\n".join([*lines, *view.labels]))


def _expected(expected: ExpectedView) -> str:
    return (
        f"Expected {expected.total:.2f} basis points against arrival, 95 % of outcomes from {expected.low:.2f} "
        f"to {expected.high:.2f}; {expected.model}"
    )


def _line(view: ScheduleView) -> str:
    terms, why = view.terms, view.reason or view.note
    return (
        f"{view.id}  {terms.kind} {terms.side} {terms.quantity:g} {terms.instrument} for {terms.account} "
        f"{terms.start[11:19]}-{terms.end[11:19]}: {view.state}, filled {view.filled:g} in {view.children} children"
        f"{f' ({why})' if why else ''}"
    )
