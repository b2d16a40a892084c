"""Brokers: who serves which instrument, whether it can be reached, and what desk and venue differ in."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import Reconciling, RuntimeDep, SystemReader
from desk.factory import Desk
from desk.trading.brokers import SIMULATED
from desk.trading.differences import Kind
from desk.trading.outside import OutsideBroker

router = APIRouter(prefix="/v1/brokers", tags=["brokers"])


class DifferenceView(BaseModel):
    """One thing that desk and venue say differently; left for a person, never mended by itself."""

    kind: Kind
    subject: str
    desk: str
    venue: str
    first_seen: str
    last_seen: str


class BrokerView(BaseModel):
    """One broker. `embedded` is the simulated venue in this process; `lost` was connected before.

    `note` is what to know now, such as a closed market; `stream` whether its events arrive; `terms` on what
    terms the simulated venue trades beyond matching, a sentence each, empty for the usual ones;
    `compared_at` and `error` when it was last compared with the desk, and why that failed.
    """

    name: str
    state: Literal["embedded", "starting", "connected", "lost", "unreachable", "refused"]
    detail: str
    note: str
    terms: list[str] = []
    at: str
    stream: bool
    instruments: list[str]
    compared_at: str
    error: str
    differences: list[DifferenceView]


class Brokers(BaseModel):
    """Every broker."""

    brokers: list[BrokerView]


def broker_view(desk: Desk, broker: OutsideBroker) -> BrokerView:
    """An outside broker as it stands."""
    reach, last = broker.reach, desk.reconciler.last(broker.name)
    return BrokerView(
        name=broker.name,
        state=reach.state,
        detail=reach.detail,
        note=broker.door.note,
        at=reach.at,
        stream=reach.stream,
        instruments=sorted(i.id for i in desk.feed.instruments if desk.trading.brokers.serves(i.id) == broker.name),
        compared_at=last.at,
        error=last.error,
        differences=[DifferenceView(**one._asdict()) for one in desk.reconciler.book.open(broker.name)],
    )


def all_brokers(desk: Desk) -> Brokers:
    """The outside brokers, then the simulated venue with what it serves."""
    brokers = desk.trading.brokers
    inside = [i.id for i in desk.feed.instruments if i.tradable and not brokers.leaves(i.id)]
    venue = BrokerView(
        name=SIMULATED,
        state="embedded",
        detail="made-up liquidity around replayed quotes; no money moves",
        note="",
        terms=desk.trading.venue.terms.words(),
        at="",
        stream=True,
        instruments=sorted(inside),
        compared_at="",
        error="",
        differences=[],
    )
    return Brokers(brokers=[*(broker_view(desk, one) for one in brokers.outside), venue])


@router.get("")
def read_brokers(runtime: RuntimeDep, person: SystemReader) -> Brokers:
    """Who serves what, and what differs."""
    return all_brokers(runtime.desk)


@router.post("/{name}/reconcile")
def reconcile(name: str, runtime: RuntimeDep, person: Reconciling) -> BrokerView:
    """Compares an outside broker with the desk now; 404 for an unknown name, 502 when it does not answer."""
    desk = runtime.desk
    desk.reconciler.reconcile(name, by=person.name)
    return broker_view(desk, desk.trading.brokers.named(name))
