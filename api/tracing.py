"""A recorded run with what followed from it: its proposal as it stands and the orders; shared by HTTP and command."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, TypeAdapter

from api.views import AnswerView, OrderView, order_view
from desk.clock import to_iso
from desk.errors import NotFound
from desk.factory import Desk
from desk.identity.roles import MAY, Action, Person
from desk.money import minor_digits
from desk.orders import Fill, Order
from desk.trading.approvals import Approval, State
from graphs.replay.origins import FactOrigin, read_origin
from graphs.replay.trace import Trace, read_trace, split_answer
from graphs.runtime import Runtime
from graphs.scanning import RunScan

_SENTENCES = TypeAdapter(list[str])


class FillView(BaseModel):
    """One execution; `price` in `currency` of the instrument, None in records that kept no tick. `at`: market clock."""

    id: str
    at: str
    quantity: float
    price: float | None
    currency: str
    commission: float
    commission_currency: str


class TraceOrder(BaseModel):
    """An order of the proposal. `route` is empty and there are no fills while the gate has not seen it."""

    order: OrderView
    route: str
    fills: list[FillView]


class TraceProposal(BaseModel):
    """The proposal of a run, as it stands now.

    `open`: the reader may see it among the approvals; else it stands as recorded, without orders. `taints` say which of
    its arguments are not the person's, `outside` which text of others the run had read.
    """

    id: str
    account: str
    state: State
    open: bool
    decides: str
    expires_at: str
    taints: list[str]
    outside: list[str]
    answers: list[AnswerView]
    orders: list[TraceOrder]


class RunTrace(Trace):
    """A run from words to order. `scan`: what the scanner found, for those who read others' runs; None until then."""

    proposal: TraceProposal | None
    scan: RunScan | None


def run_view(runtime: Runtime, run: str, reader: Person | None) -> RunTrace:
    """The run, for the one who asked and those who may read runs; errors as for `RunBook.get`."""
    trace = read_trace(runtime.runs.get(run, reader), _titles(runtime))
    fields = {name: getattr(trace, name) for name in Trace.model_fields}
    proposal = None if trace.approval is None else _proposal(runtime.desk, trace, reader)
    return RunTrace(**fields, proposal=proposal, scan=runtime.scans.of(run) if _may_see_scan(reader) else None)


def _may_see_scan(reader: Person | None) -> bool:
    """Scans are for those who may read the runs of others."""
    return reader is None or reader.role in MAY[Action.READ_RUNS]


def origin_view(runtime: Runtime, run: str, fact: str, reader: Person | None) -> FactOrigin:
    """What is behind one fact of a run; NotFound also for a fact that it does not have."""
    sealed = runtime.runs.get(run, reader)
    trace = read_trace(sealed, _titles(runtime))
    texts = split_answer(trace.answer, [part.agent for part in trace.parts], _titles(runtime))
    return read_origin(sealed, trace.facts, texts, fact)


def _titles(runtime: Runtime) -> dict[str, str]:
    return {name: agent.title for name, agent in runtime.agents.items()}


def _proposal(desk: Desk, trace: Trace, reader: Person | None) -> TraceProposal | None:
    """None when the desk no longer has the proposal."""
    try:
        approval = desk.approvals.get(trace.approval or "")
    except NotFound:
        return None
    may = reader is None or desk.approvals.visible_to(reader, approval)
    return TraceProposal(
        id=approval.id,
        account=approval.account,
        state=approval.state if may else "waiting",
        open=may,
        decides=approval.needs.reason,
        expires_at=to_iso(approval.expires_at),
        taints=_sentences(approval, "taints"),
        outside=_sentences(approval, "outside"),
        answers=[AnswerView(user=a.person, decision=a.decision, reason=a.reason, at=a.at) for a in approval.answers]
        if may
        else [],
        orders=[_order(desk, order) for order in approval.orders] if may else [],
    )


def _sentences(approval: Approval, name: str) -> list[str]:
    kept = approval.evidence.get("provenance")
    return _SENTENCES.validate_python(kept.get(name, [])) if isinstance(kept, dict) else []


def _order(desk: Desk, order: Order) -> TraceOrder:
    accepted = desk.trading.accounts.find(order.client_id)
    status = None if accepted is None else accepted.status.snapshot()
    return TraceOrder(
        order=order_view(desk, order if status is None else status.order, status),
        route="" if accepted is None else accepted.route,
        fills=[] if status is None else [_fill(fill) for fill in status.fills],
    )


def _fill(fill: Fill) -> FillView:
    return FillView(
        id=fill.id,
        at=to_iso(fill.at),
        quantity=float(fill.quantity),
        price=None if fill.tick is None else float(fill.price_ticks * fill.tick),
        currency=fill.priced_in,
        commission=float(Decimal(fill.commission).scaleb(-minor_digits(fill.currency))),
        commission_currency=fill.currency,
    )
