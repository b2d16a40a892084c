"""Alerts against the truth: accounts, patterns found, patterns named."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from desk.fraud.alerts import Alert
from desk.fraud.typologies import Typology
from evals.dataset import share
from evals.fraud.archive import Truth
from evals.fraud.worlds import PLANTED, World

FOUND = 0.5
"""A plant is found when one alert holds at least this share of its accounts."""


@dataclass(frozen=True)
class Accounts:
    """Flagged accounts against labelled ones."""

    right: int
    flagged: int
    labelled: int

    @classmethod
    def of(cls, flagged: Collection[str], labelled: Collection[str]) -> Accounts:
        """Counts of two sets."""
        return cls(len(set(flagged) & set(labelled)), len(flagged), len(labelled))

    @property
    def precision(self) -> float | None:
        """Of the flagged accounts, how many are labelled; None when none is flagged."""
        return share(self.right, self.flagged)

    @property
    def recall(self) -> float | None:
        """Of the labelled accounts, how many are flagged."""
        return share(self.right, self.labelled)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both."""
        return share(2 * self.right, self.flagged + self.labelled)


def flagged_by(alerts: Iterable[Alert]) -> set[str]:
    """Every account of every alert."""
    return {account for alert in alerts for account in alert.accounts}


def acting_by(alerts: Iterable[Alert]) -> set[str]:
    """The accounts that an alert shows a payment of the pattern for: without members by their links alone."""
    return {account for alert in alerts for account in set(alert.accounts) - set(alert.linked)}


def share_named(alerts: Sequence[Alert], truth: Truth) -> float | None:
    """Of the alerts with at least one pattern transfer of known kind, the share that bear its most common name."""
    right = of = 0
    for alert in alerts:
        kinds = Counter(kind for edge in alert.edges if (kind := truth.patterns.get(edge.id)))
        if kinds:
            of += 1
            right += kinds.most_common(1)[0][0] == alert.typology
    return share(right, of)


@dataclass
class Tally:
    """Counts over one or more worlds, per typology."""

    worlds: int = 0
    flagged: int = 0
    right: int = 0
    labelled: int = 0
    plants: Counter[Typology] = field(default_factory=Counter)
    found: Counter[Typology] = field(default_factory=Counter)
    named: Counter[Typology] = field(default_factory=Counter)
    raised: Counter[Typology] = field(default_factory=Counter)
    true: Counter[Typology] = field(default_factory=Counter)
    false_accounts: Counter[Typology] = field(default_factory=Counter)

    def add(self, world: World, alerts: Sequence[Alert]) -> None:
        """Counts one world's alerts."""
        name_of = world.columns.accounts
        planted = {name_of[account] for plant in world.plants for account in plant.accounts}
        flagged = flagged_by(alerts)
        self.worlds += 1
        self.flagged += len(flagged)
        self.right += len(flagged & planted)
        self.labelled += len(planted)
        holds: dict[str, list[tuple[Alert, frozenset[str]]]] = defaultdict(list)
        for alert in alerts:
            members = frozenset(alert.accounts)
            self.raised[alert.typology] += 1
            self.true[alert.typology] += 2 * len(members & planted) >= len(members)
            self.false_accounts[alert.typology] += len(members - planted)
            for account in members:
                holds[account].append((alert, members))
        for plant in world.plants:
            names = {name_of[account] for account in plant.accounts}
            near = [(len(names & members), alert) for name in names for alert, members in holds[name]]
            most = max((count for count, _ in near), default=0)
            self.plants[plant.typology] += 1
            if most >= FOUND * len(names):
                self.found[plant.typology] += 1
                self.named[plant.typology] += any(
                    alert.typology == plant.typology for count, alert in near if count == most
                )

    @property
    def false(self) -> int:
        """Flagged accounts in no plant."""
        return self.flagged - self.right

    @property
    def precision(self) -> float | None:
        """Of the flagged accounts, the share in some plant."""
        return share(self.right, self.flagged)

    @property
    def recall(self) -> float | None:
        """Of the plants, the share found."""
        return share(self.found.total(), self.plants.total())

    @property
    def named_share(self) -> float | None:
        """Of the plants found, the share under their own name."""
        return share(self.named.total(), self.found.total())

    def table(self) -> dict[Typology, dict[str, float | None]]:
        """Per typology: plants found, named, alerts mostly of planted accounts, accounts falsely flagged."""
        return {
            kind: {
                "recall": share(self.found[kind], self.plants[kind]),
                "named": share(self.named[kind], self.found[kind]),
                "precision": share(self.true[kind], self.raised[kind]),
                "false_accounts": float(self.false_accounts[kind]),
            }
            for kind in PLANTED
        }
