"""The forms in which fraud thresholds and what verdicts say of them travel."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from desk.fraud.cases import CaseBook
from desk.fraud.feedback import POLICY, LevelStep
from desk.fraud.versions import Version


class LevelView(BaseModel):
    """What the verdicts say of one typology; `after` equals `before` where they ask for no step, `why` says why.

    The counts are of verdicts that reach the level; `precision` the mean of its posterior, `recall` the share of all
    confirmed cases that would still reach it.
    """

    typology: str
    before: float
    after: float
    new_verdicts: int
    confirmed: int
    cleared: int
    precision: float
    confirmed_after: int
    cleared_after: int
    precision_after: float
    recall: float
    why: str


class VersionView(BaseModel):
    """A version or a proposal of one (`version` 0 until it is in force; the shipped one is id 0)."""

    id: int
    base: int
    version: int
    state: Literal["waiting", "accepted", "in_force", "replaced"]
    levels: dict[str, float]
    why: list[str]
    proposed_by: str
    accepted_by: str
    confirmed_by: str
    proposed_at: str
    in_force_at: str


class PolicyView(BaseModel):
    """The bounds of a step."""

    target: float
    least: int
    recall_floor: float
    most_step: float
    lowest: float
    highest: float


class ThresholdsView(BaseModel):
    """`in_force` is the version that scans use; `report_from` the level of typologies that it does not name."""

    in_force: int
    report_from: float
    policy: PolicyView
    verdicts: list[LevelView]
    versions: list[VersionView]


class ProposeBody(BaseModel):
    """`typology`: of this one alone; empty for all."""

    typology: str = Field(default="", max_length=32)


class UndoBody(BaseModel):
    """Back to a version, and why."""

    version: int = Field(ge=0)
    reason: str = Field(min_length=1, max_length=2_000)


def thresholds_view(book: CaseBook) -> ThresholdsView:
    """All there is to know of the levels now."""
    policy = {name: getattr(POLICY, name) for name in PolicyView.model_fields}
    return ThresholdsView(
        in_force=book.versions.in_force().version,
        report_from=book.rules.report_from,
        policy=PolicyView(**policy),
        verdicts=[_level(step) for step in book.weigh()],
        versions=[version_view(one) for one in book.versions.all()],
    )


def version_view(one: Version) -> VersionView:
    """A version as it stands."""
    return VersionView.model_validate({**vars(one), "why": list(one.why)})


def _level(step: LevelStep) -> LevelView:
    return LevelView(
        typology=step.typology,
        before=step.before,
        after=step.after,
        new_verdicts=step.new,
        confirmed=step.then.confirmed,
        cleared=step.then.cleared,
        precision=step.then.precision,
        confirmed_after=step.now.confirmed,
        cleared_after=step.now.cleared,
        precision_after=step.now.precision,
        recall=step.recall,
        why=step.why,
    )
