"""The forms in which fraud cases travel."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class RuleView(BaseModel):
    """A rule that fired, in words."""

    id: str
    text: str


class AlertView(BaseModel):
    """One alert and where its case stands; `transfers` counts those on its path.

    `priority` is 0 to 100: score times amount times age, 0 when closed. `assignee` is empty when nobody took it.
    `thresholds`: the version of the thresholds that first found it. `found`: whether the last scan found it; what a
    person worked on stays when it does not. `into`: the case in which it goes on after a merge, empty for none.
    `verdict`: what both officers said who closed it. A `market` case is in an `instrument` (empty for several), has no
    transfers and comes of no version of the thresholds; its `currency` is empty where the amount is units.
    """

    id: str
    kind: Literal["laundering", "market"]
    instrument: str
    typology: str
    title: str
    accounts: list[str]
    amount: float
    currency: str
    start: str
    end: str
    rules: list[RuleView]
    score: float
    state: Literal["open", "escalated", "closing", "closed"]
    transfers: int
    assignee: str
    priority: float
    thresholds: int
    found: bool
    into: str
    verdict: str


class Alerts(BaseModel):
    """Newest first."""

    alerts: list[AlertView]


class StreamingView(BaseModel):
    """Payments of one sender that stood out as they happened, `count` from `since` to `at` on the market clock.

    `amount` of all together, `last` the newest of them and `target` who got it; the highest score, all `signs`.
    """

    id: str
    source: str
    target: str
    at: str
    amount: float
    score: float
    signs: list[str]
    since: str
    count: int
    last: str


class Streaming(BaseModel):
    """The one that grew last first, 200 at most since the desk was opened; `scored` counts all that was looked at."""

    scored: int
    alerts: list[StreamingView]


class NodeView(BaseModel):
    """An account; `flagged` when it is on the alert's path."""

    id: str
    label: str
    kind: str
    flagged: bool


class EdgeView(BaseModel):
    """One transfer."""

    id: str
    source: str
    target: str
    amount: float
    time: str


class StepView(BaseModel):
    """What was done with the case; `assignee` is who had it after `take` and `hand`, else empty.

    `user` is `desk` for what became of the alert: `grow`, `change`, `merge`, `split`, `lapse`, `return`, and the
    `reopen` and `escalate` that follow from these.
    """

    user: str
    action: str
    reason: str
    at: str
    assignee: str
    verdict: str


class EventView(BaseModel):
    """A payment in the order of time: the case's sum so far, and what its receiver then held of it."""

    edge: str
    time: str
    source: str
    target: str
    amount: float
    moved: float
    held: float


class EvidenceView(BaseModel):
    """A row of evidence of a market case: `what` happened to the order, trade, bar or form `about`.

    `worth` is price times quantity, null where either is not known; `total` that of the rows so far.
    """

    id: str
    what: str
    about: str
    account: str
    time: str
    price: float | None
    quantity: float | None
    worth: float | None
    total: float


class ChecksView(BaseModel):
    """What would confirm the suspicion, and what would clear it."""

    confirm: list[str]
    clear: list[str]


class PartyView(BaseModel):
    """An account of the case; `not known` where the desk holds nothing."""

    account: str
    linked: bool
    kyc: str
    sanctions: str
    why: str


class SimilarView(BaseModel):
    """An earlier case that resembles this one, 0 to 1, and why; `outcome` is the last reason given in it."""

    id: str
    title: str
    typology: str
    state: str
    end: str
    amount: float
    likeness: float
    why: list[str]
    outcome: str


class AlertDetail(AlertView):
    """The alert as a picture and a case file; `path` names the edges in the order of the money.

    A market case has `rows`; nodes, edges, path and time line are those of the others.
    """

    narrative: str
    innocent: str
    nodes: list[NodeView]
    edges: list[EdgeView]
    path: list[str]
    history: list[StepView]
    timeline: list[EventView]
    rows: list[EvidenceView]
    checks: ChecksView
    parties: list[PartyView]
    similar: list[SimilarView]


class ActionBody(BaseModel):
    """A compliance officer's step; closing takes two people. `to` is whom `hand` hands the case to.

    Taking a case that nobody has needs no reason; everything else does. `verdict`: what a vote to close says of the
    suspicion; the second may say the same or nothing. Only closings with one count for the thresholds.
    """

    action: Literal["escalate", "close", "reopen", "take", "hand"]
    reason: str = Field(default="", max_length=2_000)
    to: str = Field(default="", max_length=64)
    verdict: Literal["", "confirmed", "cleared"] = ""


class Officer(BaseModel):
    """Somebody who works cases."""

    name: str
    display_name: str


class Officers(BaseModel):
    """By name."""

    officers: list[Officer]


class NetworkNode(BaseModel):
    """An account and its distance from the case in payments, 0 for those of the case."""

    id: str
    hops: int


class NetworkLinkView(BaseModel):
    """All payments of a pair, one way; `source` and `target` are places in `nodes`."""

    source: int
    target: int
    payments: int
    amount: float
    first: str
    last: str


class NetworkView(BaseModel):
    """The accounts nearest to a case; what did not fit is counted."""

    currency: str
    nodes: list[NetworkNode]
    links: list[NetworkLinkView]
    nodes_left_out: int
    links_left_out: int


class CaseFactView(BaseModel):
    """A figure of a narrative: as shown, where it comes from, and the payments behind it."""

    id: str
    label: str
    text: str
    as_of: str
    locator: str
    edges: list[str]


class NarrativeView(BaseModel):
    """A case in words; every figure is a link `[text](#fact-id)`. `fallback` says why a model's words are not shown."""

    text: str
    facts: list[CaseFactView]
    model: str
    fallback: str | None
