"""Transfers that arrive while the desk runs."""

from __future__ import annotations

from decimal import Decimal

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.deps import FraudWorker, RuntimeDep
from desk.errors import InputError
from desk.fraud.arrivals import LONGEST_ID, LONGEST_NAME, MOST
from desk.fraud.graph import Transfer
from desk.money import minor_digits

router = APIRouter(prefix="/v1/fraud", tags=["fraud"])


class TransferBody(BaseModel):
    """One payment between two accounts; `id` is the sender's own and makes repeating safe."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=LONGEST_ID)
    source: str = Field(min_length=1, max_length=LONGEST_NAME)
    target: str = Field(min_length=1, max_length=LONGEST_NAME)
    amount: Decimal = Field(gt=0, max_digits=36, decimal_places=18)
    currency: str = Field(min_length=3, max_length=8)
    time: AwareDatetime


class TransferBatch(BaseModel):
    """Kept whole or not at all."""

    transfers: list[TransferBody] = Field(min_length=1, max_length=MOST)


class TransfersTaken(BaseModel):
    """How many were new; the others were here already and changed nothing."""

    new: int
    known: int


@router.post("/transfers", status_code=201)
def take_transfers(body: TransferBatch, runtime: RuntimeDep, person: FraudWorker) -> TransfersTaken:
    """Takes transfers in; each new one is scored at once, and the rules see it at the next look."""
    batch = [_read(one) for one in body.transfers]
    return TransfersTaken(**runtime.desk.arrivals.take(person, batch, f"reported by {person.name}")._asdict())


def _read(one: TransferBody) -> Transfer:
    minor = one.amount.scaleb(minor_digits(one.currency))
    if minor != minor.to_integral_value():
        raise InputError(f"transfer {one.id!r}: {one.amount} {one.currency} is no whole number of its smallest unit")
    return Transfer(one.id, one.source, one.target, int(minor), one.currency, one.time)
