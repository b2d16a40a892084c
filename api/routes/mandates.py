"""Mandates: what agents may trade alone, who granted and countersigned it, what was done under it."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.deps import AccountReader, Countersigner, Grantor, Halter, RuntimeDep
from api.routes.bots import ActView, act_view, major, may_see, minor
from desk.bots.mandate import Mandate, MandateState, Terms
from desk.clock import to_iso
from desk.errors import InputError, NotFound
from desk.factory import Desk
from desk.identity.roles import Person

router = APIRouter(prefix="/v1/mandates", tags=["bots"])
Amount = str | int | float


class NewMandate(BaseModel):
    """A grant to propose. Amounts in USD, hours as `HH:MM` UTC of the market clock, `expires_at` with its zone."""

    model_config = ConfigDict(extra="forbid")

    account: str = Field(max_length=64)
    universe: list[str] = Field(min_length=1, max_length=100)
    strategies: list[str] = Field(min_length=1, max_length=20)
    budget: Amount
    daily: Amount
    per_order: Amount
    orders_a_day: int = 100
    max_loss: Amount
    opens: str = "00:00"
    closes: str = "24:00"
    expires_at: AwareDatetime
    dry_run: bool = False


class Reason(BaseModel):
    """A word on why."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(default="", max_length=500)


class MandateView(BaseModel):
    """A mandate as it stands, and what it has used. Amounts in USD."""

    id: str
    account: str
    grantor: str
    countersigner: str
    state: MandateState
    reason: str
    universe: list[str]
    strategies: list[str]
    budget: float
    daily: float
    per_order: float
    orders_a_day: int
    max_loss: float
    opens: str
    closes: str
    expires_at: str
    expired: bool
    dry_run: bool
    used: float
    used_today: float
    orders_today: int
    may_countersign: bool
    created_at: str


class Mandates(BaseModel):
    """Newest first."""

    mandates: list[MandateView]


class MandateDetail(BaseModel):
    """A mandate and what was done, or would have been, under it."""

    mandate: MandateView
    acts: list[ActView]


@router.get("")
def list_mandates(runtime: RuntimeDep, person: AccountReader) -> Mandates:
    """The mandates over accounts one may see."""
    found = [mandate for mandate in runtime.desk.bots.mandates.all() if may_see(person, mandate.terms.account)]
    return Mandates(mandates=[mandate_view(runtime.desk, mandate, person) for mandate in found])


@router.post("", status_code=201)
def propose_mandate(body: NewMandate, runtime: RuntimeDep, person: Grantor) -> MandateView:
    """Proposes a mandate; it acts only once a second person has countersigned it."""
    return mandate_view(
        runtime.desk, runtime.desk.bots.mandates.propose(person, read_terms(runtime.desk, body)), person
    )


@router.get("/{id}")
def read_mandate(id: str, runtime: RuntimeDep, person: AccountReader) -> MandateDetail:
    """One mandate and its acts, newest first."""
    mandate = _seen(runtime.desk, person, id)
    acts = runtime.desk.bots.acts.newest(mandate=id)
    return MandateDetail(mandate=mandate_view(runtime.desk, mandate, person), acts=[act_view(act) for act in acts])


@router.post("/{id}/countersign")
def countersign_mandate(id: str, runtime: RuntimeDep, person: Countersigner) -> MandateView:
    """Makes a proposed mandate active; never by the one who proposed it."""
    _seen(runtime.desk, person, id)
    return mandate_view(runtime.desk, runtime.desk.bots.mandates.countersign(id, person), person)


@router.post("/{id}/refuse")
def refuse_mandate(id: str, body: Reason, runtime: RuntimeDep, person: Countersigner) -> MandateView:
    """Ends a proposed mandate."""
    _seen(runtime.desk, person, id)
    return mandate_view(runtime.desk, runtime.desk.bots.mandates.refuse(id, person, body.reason), person)


@router.post("/{id}/revoke")
def revoke_mandate(id: str, body: Reason, runtime: RuntimeDep, person: Halter) -> MandateView:
    """Ends a mandate at once, its bots and its orders that wait included; a second time changes nothing."""
    desk = runtime.desk
    desk.bots.mandates.get(id)
    return mandate_view(desk, revoke(desk, person, id, body.reason), person)


def revoke(desk: Desk, person: Person, id: str, reason: str) -> Mandate:
    """The mandate first, so that nothing more starts; then what runs."""
    mandate = desk.bots.mandates.revoke(id, person, reason)
    desk.bots.end_mandate(id, f"mandate {id} was revoked: {mandate.reason}")
    return mandate


def read_terms(desk: Desk, body: NewMandate) -> Terms:
    """The terms of a form; InputError or NotFound names what is wrong."""
    for instrument in body.universe:
        desk.feed.instruments.get(instrument)
    return Terms(
        account=body.account,
        universe=tuple(dict.fromkeys(body.universe)),
        strategies=tuple(dict.fromkeys(body.strategies)),
        budget=minor(body.budget, "budget"),
        daily=minor(body.daily, "daily"),
        per_order=minor(body.per_order, "per_order"),
        orders_a_day=body.orders_a_day,
        max_loss=minor(body.max_loss, "max_loss"),
        opens=_minute(body.opens, "opens"),
        closes=_minute(body.closes, "closes"),
        expires_at=body.expires_at,
        dry_run=body.dry_run,
    )


def mandate_view(desk: Desk, mandate: Mandate, person: Person) -> MandateView:
    """A mandate as this person sees it."""
    terms, used = mandate.terms, desk.bots.mandates.used(mandate.id, desk.feed.now().date().isoformat())
    signs = mandate.state == "proposed" and person.name != mandate.grantor and may_see(person, terms.account)
    return MandateView(
        id=mandate.id,
        account=terms.account,
        grantor=mandate.grantor,
        countersigner=mandate.countersigner,
        state=mandate.state,
        reason=mandate.reason,
        universe=list(terms.universe),
        strategies=list(terms.strategies),
        budget=major(terms.budget),
        daily=major(terms.daily),
        per_order=major(terms.per_order),
        orders_a_day=terms.orders_a_day,
        max_loss=major(terms.max_loss),
        opens=_clock(terms.opens),
        closes=_clock(terms.closes),
        expires_at=to_iso(terms.expires_at),
        expired=desk.wall.now() >= terms.expires_at,
        dry_run=terms.dry_run,
        used=major(used.total),
        used_today=major(used.day),
        orders_today=used.orders,
        may_countersign=signs,
        created_at=to_iso(mandate.created_at),
    )


def _minute(text: str, name: str) -> int:
    if text == "24:00":
        return 1440
    try:
        read = datetime.strptime(text, "%H:%M")
    except ValueError:
        raise InputError(f"{name} {text[:16]!r} is not a time of day such as 14:30") from None
    return read.hour * 60 + read.minute


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _seen(desk: Desk, person: Person, id: str) -> Mandate:
    mandate = desk.bots.mandates.get(id)
    if not may_see(person, mandate.terms.account):
        raise NotFound(f"mandate {id!r} does not exist")
    return mandate
