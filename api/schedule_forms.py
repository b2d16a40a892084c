"""A schedule as typed, and a change of one, read into exact terms."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from api.tickets import Number
from desk.clock import from_iso
from desk.errors import InputError
from desk.factory import Desk
from desk.identity.roles import Person, check_owns
from desk.instruments import Instrument
from desk.money import parse_decimal, to_ticks
from desk.orders import Side
from desk.trading.schedule import Terms
from desk.trading.slicing import Kind, Urgency, usual_slices

_TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")


class ScheduleForm(BaseModel):
    """A schedule as typed. Times are UTC on the market clock: ISO 8601, or `HH:MM` of its day.

    Without `start` it begins now. Give `end` or `minutes`. `participation_pct` is of all printed
    volume, for kind `pov`; `urgency` is for kind `shortfall`; `max_shown_pct` is the most of the
    lots shown at the best price that one child may take. The same `id` again is the same schedule.
    """

    model_config = ConfigDict(extra="forbid")

    account: str = Field(max_length=64)
    instrument: str = Field(max_length=64)
    side: Literal["buy", "sell"]
    quantity: Number
    kind: Kind = Kind.TWAP
    start: str = Field(default="", max_length=40)
    end: str = Field(default="", max_length=40)
    minutes: Number | None = None
    slices: int | None = None
    limit_price: Number | None = None
    urgency: Urgency = Urgency.MEDIUM
    participation_pct: Number = 10
    max_shown_pct: Number = 25
    id: str = Field(default="", max_length=24, pattern=r"^[A-Za-z0-9._-]*$")


class ScheduleChange(BaseModel):
    """What shall change; what is not given stays."""

    model_config = ConfigDict(extra="forbid")

    quantity: Number | None = None
    end: str = Field(default="", max_length=40)
    minutes: Number | None = None
    limit_price: Number | None = None


class Change(NamedTuple):
    """A change in exact terms; None leaves as it is."""

    lots: int | None
    end: datetime | None
    limit_ticks: int | None


def read_schedule(desk: Desk, person: Person, form: ScheduleForm) -> Terms:
    """The terms of a form; InputError or NotFound says which field is wrong, Forbidden whose account it is."""
    check_owns(person, form.account)
    instrument = desk.feed.instruments.get(form.instrument)
    if not instrument.tradable:
        raise InputError(f"{instrument.id} is an index level, nobody trades it here; choose a tradable instrument")
    now = desk.feed.quote(instrument.id).at
    start = _moment(form.start, now, "start") if form.start else max(now, desk.schedules.opens(instrument, now))
    end = _end(form.end, form.minutes, start, now)
    if end is None:
        raise InputError("a schedule needs its end: give `end` (a time on the market clock) or `minutes`")
    if start < now - timedelta(minutes=1):
        raise InputError(f"start {form.start} has passed: {instrument.id} stands at {now:%H:%M:%S} UTC on {now:%F}")
    return Terms(
        account=form.account,
        instrument=instrument.id,
        side=Side(form.side),
        lots=_lots(form.quantity, instrument),
        kind=form.kind,
        start=max(start, now),
        end=end,
        slices=usual_slices(start, end) if form.slices is None else form.slices,
        limit_ticks=_ticks(form.limit_price, instrument),
        urgency=form.urgency,
        rate_bps=_basis_points(form.participation_pct, "participation_pct"),
        shown_bps=_basis_points(form.max_shown_pct, "max_shown_pct"),
    )


def read_change(desk: Desk, terms: Terms, change: ScheduleChange) -> Change:
    """The change in exact terms; `minutes` count from now. InputError when nothing is given."""
    instrument = desk.feed.instruments.get(terms.instrument)
    now = desk.feed.quote(instrument.id).at
    found = Change(
        None if change.quantity is None else _lots(change.quantity, instrument),
        _end(change.end, change.minutes, now, now),
        _ticks(change.limit_price, instrument),
    )
    if found == Change(None, None, None):
        raise InputError("a change needs quantity, end (or minutes) or limit_price; none is given")
    return found


def new_schedule_id() -> str:
    """A short, unguessable id."""
    return secrets.token_hex(5)


def _end(end: str, minutes: Number | None, start: datetime, now: datetime) -> datetime | None:
    if end and minutes is not None:
        raise InputError("give `end` or `minutes`, not both")
    if end:
        return _moment(end, now, "end")
    if minutes is None:
        return None
    span = parse_decimal(str(minutes), "minutes")
    if not 0 < span <= 24 * 60:
        raise InputError(f"minutes {span} are not above 0 and at most a day")
    return start + timedelta(seconds=float(span * 60))


def _moment(text: str, now: datetime, what: str) -> datetime:
    """An instant, or a time of the market clock's day."""
    if _TIME.fullmatch(text.strip()):
        hours, minutes, seconds = (int(part) for part in f"{text.strip()}:0".split(":")[:3])
        if hours > 24 or minutes > 59 or seconds > 59:
            raise InputError(f"{what} {text!r} is no time of day; give HH:MM or HH:MM:SS")
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    try:
        return from_iso(text.strip())
    except ValueError:
        raise InputError(
            f"{what} {text!r} is no time; give HH:MM (UTC), or an instant such as {now:%FT%H:%MZ}"
        ) from None


def _lots(quantity: Number, instrument: Instrument) -> int:
    units = parse_decimal(str(quantity), "quantity")
    lots = units / instrument.lot
    if lots != lots.to_integral_value() or lots < 1:
        raise InputError(f"quantity {units} is not a positive number of whole lots of {instrument.lot}")
    return int(lots)


def _ticks(price: Number | None, instrument: Instrument) -> int | None:
    if price is None:
        return None
    return to_ticks(parse_decimal(str(price), "limit_price"), instrument.tick, "limit_price")


def _basis_points(percent: Number, what: str) -> int:
    points = parse_decimal(str(percent), what) * 100
    if points != points.to_integral_value():
        raise InputError(f"{what} {percent} has more than two digits after the point; give per cent such as 12.5")
    return int(Decimal(points))
