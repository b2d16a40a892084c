"""Where an order is on its way: through the gate, to the disk, to its broker, to its fills."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import AccountReader, RuntimeDep, Trader
from api.views import OrderView, order_view, run_behind
from desk.clock import to_iso
from desk.errors import Conflict, NotFound
from desk.factory import Desk
from desk.identity.roles import Person, Role, check_owns
from desk.orders import FINAL_STATES
from desk.trading.holdings import Accepted
from desk.trading.outbox import ATTEMPTS, Row

router = APIRouter(prefix="/v1", tags=["trading"])


class Step(BaseModel):
    """One step: done at `at` (UTC; market clock for what the market did), or still to come."""

    name: Literal["accepted", "durable", "sent", "placed", "filled", "ended"]
    done: bool
    at: str | None = None
    detail: str = ""


class Delivery(BaseModel):
    """The order on its way to a broker. `error` is what the last attempt met."""

    state: Literal["waiting", "sent", "placed", "done", "review"]
    attempts: int
    most_attempts: int
    worker: str
    error: str
    updated_at: str


class Progress(BaseModel):
    """An order, its steps in their order, and its delivery when it goes through the queue.

    `run`: the run of the agents that it came from, for those who may read that.
    """

    order: OrderView
    route: str
    journal_seq: int
    steps: list[Step]
    delivery: Delivery | None
    run: str | None = None


class Deliveries(BaseModel):
    """Orders that are not delivered yet, oldest first."""

    deliveries: list[Progress]


@router.get("/orders/{id}/progress")
def read_progress(id: str, runtime: RuntimeDep, person: AccountReader) -> Progress:
    """Each step of one order of the accounts one may see."""
    view = progress_view(runtime.desk, _seen(runtime.desk, person, id))
    return view.model_copy(update={"run": _run_of(runtime.desk, person, id)})


@router.get("/deliveries")
def list_deliveries(runtime: RuntimeDep, person: AccountReader) -> Deliveries:
    """What waits for a broker, is with a worker, or needs a person because five attempts failed."""
    desk, found = runtime.desk, list[Progress]()
    for row in desk.trading.execution.outbox.rows(("waiting", "sent", "placed", "review")):
        accepted = desk.trading.accounts.find(row.client_id)
        if accepted is not None and _may_see(person, accepted):
            found.append(progress_view(desk, accepted))
    return Deliveries(deliveries=found)


@router.post("/orders/{id}/retry")
def retry_order(id: str, runtime: RuntimeDep, person: Trader) -> Progress:
    """Lets an order in review be tried again, five times; Conflict when it is not in review."""
    desk, accepted = runtime.desk, _seen(runtime.desk, person, id)
    check_owns(person, accepted.order.account)
    if not desk.trading.execution.retry(id):
        raise Conflict(f"order {id} is not in review; only one whose attempts all failed can be tried again")
    with desk.store.begin() as connection:
        desk.record(connection, "order.retried", accepted.order.account, {"client_id": id, "by": person.name})
    desk.workers.dispatch(id)
    return progress_view(desk, accepted)


def progress_view(desk: Desk, accepted: Accepted) -> Progress:
    """The order with its steps as they stand."""
    status, row = accepted.status.snapshot(), desk.trading.execution.row(accepted.order.client_id)
    return Progress(
        order=order_view(desk, status.order, status),
        route=accepted.route,
        journal_seq=accepted.seq,
        steps=_steps(desk, accepted, row),
        delivery=None if row is None else _delivery(row),
    )


def _steps(desk: Desk, accepted: Accepted, row: Row | None) -> list[Step]:
    status, seq = accepted.status.snapshot(), accepted.seq
    steps = [
        Step(name="accepted", done=True, at=to_iso(status.accepted_at), detail=f"by the gate, journal record {seq}"),
        Step(name="durable", done=desk.trading.recorder.recorded >= seq, detail="on the disk and in the audit log"),
    ]
    if accepted.route == "broker":
        sent = row is not None and row.attempts > 0
        tries = "" if row is None or row.attempts < 2 else f"attempt {row.attempts} of {ATTEMPTS}"
        steps.append(Step(name="sent", done=sent, at=row.updated_at if row and sent else None, detail=tries))
        steps.append(
            Step(name="placed", done=row is not None and row.state in ("placed", "done"), detail="the venue answered")
        )
    for fill in status.fills:
        steps.append(Step(name="filled", done=True, at=to_iso(fill.at), detail=f"{fill.quantity} units, {fill.id}"))
    final = status.state in FINAL_STATES
    steps.append(
        Step(
            name="ended",
            done=final,
            detail=f"{status.state}: {status.reason}"
            if final and status.reason
            else (status.state.value if final else ""),
        )
    )
    return steps


def _delivery(row: Row) -> Delivery:
    return Delivery(
        state=row.state,
        attempts=row.attempts,
        most_attempts=ATTEMPTS,
        worker=row.worker,
        error=row.error,
        updated_at=row.updated_at,
    )


def _run_of(desk: Desk, person: Person, client_id: str) -> str | None:
    """The run behind the proposal whose order this is; None without one, or when it is not this person's to read."""
    try:
        return run_behind(desk.approvals.get(client_id.rpartition("-")[0]), person)
    except NotFound:
        return None


def _seen(desk: Desk, person: Person, id: str) -> Accepted:
    found = desk.trading.accounts.find(id)
    if found is None or not _may_see(person, found):
        raise NotFound(f"order {id!r} does not exist")
    return found


def _may_see(person: Person, accepted: Accepted) -> bool:
    return person.role is Role.COMPLIANCE or accepted.order.account in person.accounts
