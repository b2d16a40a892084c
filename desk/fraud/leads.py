"""The learned score put to use beside the rules: an order among alerts, and accounts that no alert holds.

Measured on worlds that the network never saw (docs/fraud-learning.md): alone it is worse than the rules, but it tells
false alerts from true ones better than their own score does; the few leads it is sure of are right. Where accounts do
not look like those it was taught on, or are too few to say, it is not used at all and says why.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from desk.fraud.alerts import Alert
from desk.fraud.drift import LEAST, Comparison, compare
from desk.fraud.gnn import LEAD, Network, Reading, load_network
from desk.fraud.graph import Columns


class Lead(NamedTuple):
    """An account that no alert holds, and its learned score."""

    account: str
    score: float


@dataclass(frozen=True)
class Learned:
    """`scores` by account; empty, like `leads`, when the network was not used, and then `why_not` says why."""

    drift: Comparison
    why_not: str
    scores: dict[str, float]
    leads: tuple[Lead, ...]

    def of(self, alert: Alert) -> float | None:
        """The mean score of an alert's accounts; None when the network was not used."""
        if self.why_not:
            return None
        return round(sum(self.scores[name] for name in alert.accounts) / len(alert.accounts), 4)

    def ordered(self, alerts: Iterable[Alert]) -> list[Alert]:
        """The rules' score decides; of equal ones the higher learned score comes first, then the id."""
        return sorted(alerts, key=lambda alert: (-alert.score, -(self.of(alert) or 0.0), alert.id))


class Scored(NamedTuple):
    """Transfers, what the network says of their accounts, and how these differ from those it was taught on."""

    network: Network
    columns: Columns
    reading: Reading
    drift: Comparison


def score(network: Network, columns: Columns) -> Scored:
    """Reads every account of these transfers once."""
    reading = network.read(columns)
    return Scored(network, columns, reading, compare(network.trained_on, reading.features))


class LearnedScore:
    """The learned score of the transfers that `columns` gives: made anew when it gives others, else as it was.

    `columns` answers with the same object while the transfers are the same.
    """

    def __init__(self, columns: Callable[[], Columns], load: Callable[[], Network] = load_network) -> None:
        self._columns, self._load, self._lock = columns, load, threading.Lock()
        self._scored: Scored | None = None

    def now(self) -> Scored:
        """Of the transfers as they are; of two that ask at once the second waits. DataError without sound weights."""
        columns = self._columns()
        with self._lock:
            if self._scored is None or self._scored.columns is not columns:
                self._scored = score(self._load(), columns)
            return self._scored


def weigh(scored: Scored, alerts: Iterable[Alert]) -> Learned:
    """What the network says of the accounts of transfers and of their alerts."""
    _, columns, reading, drift = scored
    if not drift.enough:
        return Learned(
            drift, f"{drift.rows} accounts are too few to tell whether the network fits; {LEAST} would do", {}, ()
        )
    if drift.shifted:
        shown = ", ".join(drift.shifted[:3]) + (", …" if len(drift.shifted) > 3 else "")
        why = f"{len(drift.shifted)} of {len(drift.psi)} features are not as they were taught: {shown}"
        return Learned(drift, why, {}, ())
    scores = dict(zip(columns.accounts, reading.scores.tolist(), strict=True))
    held = {name for alert in alerts for name in alert.accounts}
    leads = [Lead(name, round(score, 4)) for name, score in scores.items() if score >= LEAD and name not in held]
    leads.sort(key=lambda lead: (-lead.score, lead.account))
    return Learned(drift, "", scores, tuple(leads))
