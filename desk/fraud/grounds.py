"""What speaks for and against a borderline alert, as facts: its own figures and how its accounts pay otherwise.

No account's name, no transfer's id and no text from outside stands in a fact: accounts are `account A`, `account B` in
the order of the alert. So nothing that somebody wrote into a transfer can speak to whoever reads the facts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from string import ascii_uppercase

import numpy as np
from numpy.typing import NDArray

from desk.clock import to_iso
from desk.facts import Fact, FactTable
from desk.fraud.alerts import Alert
from desk.fraud.graph import DAY, Columns, Flags, Ints, moment_of
from desk.money import Money

SOURCE = "transfers known at the market clock"
MOST_MOVES, LEAST_OTHER = 6, 3
"""Payments told one by one, and how many others a sender must have before its usual amount says anything."""


def letters_of(alert: Alert) -> Mapping[str, str]:
    """A letter for each account, two from the twenty-seventh on."""
    names = [*ascii_uppercase, *(one + two for one in ascii_uppercase for two in ascii_uppercase)]
    return {account: names[n % len(names)] for n, account in enumerate(alert.accounts)}


def gather_grounds(alert: Alert, columns: Columns, level: float) -> FactTable:
    """The facts of an alert among the transfers known; `level` is the score from which its kind is shown.

    What cannot be said (no usual amount, nobody who passes on) is left out.
    """
    around = _Around(alert, columns)
    facts = _Facts(alert)
    facts.add("score", "score of the rules", alert.score, "ratio", "how far from chance the rules find it")
    facts.add("level", "score from which this kind is shown", level, "ratio", "thresholds in force")
    facts.money("moved", "amount of the case", alert.minor, "its payments")
    facts.add("payments", "payments in the case", len(alert.edges), "payments", "its payments")
    facts.add("accounts", "accounts in the case", len(alert.accounts), "accounts", "its accounts")
    facts.add(
        "span", "days from its first payment to its last", (alert.end - alert.start) / DAY, "days", "its payments"
    )
    _of_pairs(facts, around)
    _of_others(facts, around)
    _of_habits(facts, around)
    _of_flow(facts, alert)
    letters = letters_of(alert)
    for n, edge in enumerate(alert.edges[:MOST_MOVES], 1):
        label = (
            f"account {letters[edge.source]} to account {letters[edge.target]}, day {(edge.at - alert.start) // DAY}"
        )
        facts.money(f"t{n}", label, edge.minor, "a payment of the case")
    return facts.table


class _Facts:
    """Collects the facts of one alert."""

    def __init__(self, alert: Alert) -> None:
        self.table, self._currency, self._as_of = FactTable(), alert.currency, to_iso(moment_of(alert.end))

    def add(self, id: str, label: str, value: float, unit: str, how: str) -> None:
        self.table.add(Fact(id, label, Decimal(str(round(value, 2))), unit, self._as_of, SOURCE, how))

    def money(self, id: str, label: str, minor: int, how: str) -> None:
        value = Money(minor, self._currency).amount
        self.table.add(Fact(id, label, value, self._currency, self._as_of, SOURCE, how, self._currency))


class _Around:
    """The payments of an alert's accounts that are not its own, as rows of the columns."""

    def __init__(self, alert: Alert, columns: Columns) -> None:
        wanted, own = set(alert.accounts), {edge.id for edge in alert.edges}
        self.alert, self.columns = alert, columns
        self.codes = {name: code for code, name in enumerate(columns.accounts) if name in wanted}
        inside = np.array(sorted(self.codes.values()), dtype=np.int64)
        touched = np.flatnonzero(np.isin(columns.source, inside) | np.isin(columns.target, inside))
        others = [row for row in touched.tolist() if columns.ids[row] not in own]
        self.rows: Ints = np.array(others, dtype=np.int64)
        self.source, self.target = columns.source[self.rows], columns.target[self.rows]
        self.minor, self.at = columns.minor[self.rows], columns.at[self.rows]

    def sent_by(self, account: str) -> Flags:
        """Which of the other payments an account made."""
        found: NDArray[np.bool_] = self.source == self.codes.get(account, -1)
        return found


def _of_pairs(facts: _Facts, around: _Around) -> None:
    pairs = {frozenset((edge.source, edge.target)) for edge in around.alert.edges}
    names = {code: name for name, code in around.codes.items()}
    other = {
        frozenset((names[source], names[target]))
        for source, target in zip(around.source.tolist(), around.target.tolist(), strict=True)
        if source in names and target in names
    }
    facts.add("pairs", "pairs of accounts that paid each other in the case", len(pairs), "pairs", "its payments")
    facts.add("known_pairs", "of these, pairs that also did outside it", len(pairs & other), "pairs", "other payments")


def _of_others(facts: _Facts, around: _Around) -> None:
    """How busy its accounts are otherwise: a shop or an employer has many counterparts, and pays all the time."""
    facts.add("other_payments", "payments of its accounts outside the case", len(around.rows), "payments", SOURCE)
    partners = [
        len(np.union1d(around.target[around.source == code], around.source[around.target == code]))
        for code in around.codes.values()
    ]
    facts.add(
        "partners", "counterparts of its busiest account outside it", max(partners, default=0), "accounts", SOURCE
    )
    days = max(1.0, float(around.columns.at[-1] - around.columns.at[0]) / DAY) if len(around.columns) else 1.0
    alert = around.alert
    senders = {edge.source for edge in alert.edges}
    usual = sum(int(around.sent_by(name).sum()) for name in senders) / days
    span = max(1.0, (alert.end - alert.start) / DAY)
    if usual > 0:
        facts.add("burst", "its payments a day against what its payers usually send a day",
                  len(alert.edges) / span / usual, "ratio", SOURCE)  # fmt: skip


def _of_habits(facts: _Facts, around: _Around) -> None:
    """Amounts against the payer's usual one, and how long a payer had been silent."""
    times, silences = list[float](), list[float]()
    for edge in around.alert.edges:
        sent = around.sent_by(edge.source)
        if int(sent.sum()) >= LEAST_OTHER:
            times.append(edge.minor / float(np.median(around.minor[sent])))
        before = around.at[sent & (around.at < around.alert.start)]
        if len(before):
            silences.append((around.alert.start - int(before.max())) / DAY)
    if times:
        facts.add(
            "times_usual", "its amounts against the payers' usual amount", float(np.median(times)), "ratio", SOURCE
        )
    if silences:
        facts.add("silence", "longest silence of a payer before it", max(silences), "days", SOURCE)


def _of_flow(facts: _Facts, alert: Alert) -> None:
    """What accounts that both got and paid in the case passed on of what they got."""
    got, paid = defaultdict[str, int](int), defaultdict[str, int](int)
    for edge in alert.edges:
        got[edge.target] += edge.minor
        paid[edge.source] += edge.minor
    through = set(got) & set(paid)
    if through:
        share = 100 * sum(paid[name] for name in through) / sum(got[name] for name in through)
        facts.add("through", "accounts that got and paid in the case", len(through), "accounts", "its payments")
        facts.add("passed_on", "what these paid on of what they got", share, "%", "its payments")
