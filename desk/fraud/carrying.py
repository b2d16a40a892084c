"""A scan's alerts carried into the cases of before: each keeps its id and history, and what became of it is a step.

Written in one transaction with the scan's outcome. The same alerts again write nothing. `continuity.py` says which case
an alert goes on; here it is told what that does to the case:

- payments that joined are told (`grow`), payments that left and another typology too (`change`);
- a case that is closed, or waits for its second vote, is opened again (`reopen`) when the alert has grown materially
  since closing was proposed;
- of a merge both cases tell (`merge`); the case that remains is escalated when the other was, and opened again when it
  is closed and the other is not;
- of a split both tell (`split`); what came off is open, with nobody;
- a case that a person worked on stays when the scan no longer finds it (`lapse`), and says when it does (`return`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from desk.fraud.alerts import Alert
from desk.fraud.case_rows import CaseRow, read_rows, write_rows
from desk.fraud.continuity import Matched, Seen, grew_materially, match
from desk.fraud.steps import DESK, Record, Step, Turn, assigned, read_steps, state_after, was_worked, write_step
from desk.fraud.words import listed
from desk.money import Money


def carry_on(
    connection: Connection, alerts: Sequence[Alert], version: int, at: str, record: Record
) -> dict[str, CaseRow]:
    """Every case after this scan by thresholds `version` at wall time `at`: found, lapsed and merged ones."""
    carrying = _Carrying(connection, read_rows(connection), read_steps(connection), at, record)
    after = carrying.run(alerts, version)
    write_rows(connection, carrying.before, list(after.values()))
    return after


@dataclass
class _Carrying:
    connection: Connection
    before: dict[str, CaseRow]
    steps: dict[str, tuple[Step, ...]]
    at: str
    record: Record
    after: dict[str, CaseRow] = field(default_factory=dict)

    def run(self, alerts: Sequence[Alert], version: int) -> dict[str, CaseRow]:
        self.after = dict(self.before)
        known = [
            Seen.of(row.alert, row.since, row.standing, was_worked(self.steps.get(id, ())))
            for id, row in self.before.items()
        ]
        matched = match(known, [Seen.of(alert) for alert in alerts])
        of_alert = self._place(alerts, matched, version)
        for case, alert in sorted(matched.merged.items()):
            self._merge(case, of_alert[alert])
        for alert, case in sorted(matched.split.items()):
            self._split(of_alert[alert], case)
        kept = set(of_alert.values())
        for id, row in sorted(self.before.items()):
            if row.standing == "found" and id not in kept and id not in matched.merged:
                self._lapse(row)
        return self.after

    def _place(self, alerts: Sequence[Alert], matched: Matched, version: int) -> dict[str, str]:
        """The case of each alert by the alert's id; what became of those that go on is told."""
        of_alert: dict[str, str] = {}
        for alert in sorted(alerts, key=lambda one: one.id):
            id = matched.goes_on.get(alert.id)
            if id is None:
                id = self._new_id(alert.id)
                self.after[id] = CaseRow(replace(alert, id=id), self.at, version)
            else:
                now = replace(alert, id=id)
                row = self.before[id]
                self.after[id] = replace(row, alert=now, found=True, into="")
                self._go_on(row, now)
            of_alert[alert.id] = id
        return of_alert

    def _new_id(self, id: str) -> str:
        """The alert's own id, or one made of it when a case that goes on elsewhere has that."""
        while id in self.after:
            id = f"al-{hashlib.sha256(id.encode()).hexdigest()[:10]}"
        return id

    def _go_on(self, row: CaseRow, now: Alert) -> None:
        was = row.alert
        if row.standing == "merged":
            self._tell(row.id, "return", f"it stands apart from case {row.into} again")
        elif row.standing == "lapsed" and was_worked(self.steps.get(row.id, ())):
            self._tell(row.id, "return", "the scan finds it again")
        before, after = set(was.edges), set(now.edges)
        joined = [edge for edge in now.edges if edge not in before]
        left = [edge.id for edge in was.edges if edge not in after]
        named = f"; it is now: {now.title.lower()} (was: {was.title.lower()})" if now.typology != was.typology else ""
        gone = f"; left it: {listed(left)}" if left else ""
        if joined:
            accounts = [name for name in now.accounts if name not in was.accounts]
            by = f", with {listed(accounts)} new in it" if accounts else ""
            sums = f"{Money(was.minor, was.currency)} to {Money(now.minor, now.currency)}"
            ids = listed([edge.id for edge in joined])
            self._tell(row.id, "grow", f"{_payments(len(joined))} joined: {ids}{by}; amount {sums}{gone}{named}")
            self._open_if_grown(row, now)
        elif gone or named:
            self._tell(row.id, "change", f"{gone}{named}".removeprefix("; "))

    def _open_if_grown(self, row: CaseRow, now: Alert) -> None:
        state = self._state(row.id)
        if state in {"closing", "closed"} and row.closing is not None and grew_materially(row.closing, now):
            what = "it was closed" if state == "closed" else "closing was proposed"
            self._tell(row.id, "reopen", f"the alert has grown materially since {what}")

    def _merge(self, case: str, into: str) -> None:
        row, state, holder = self.before[case], self._state(case), assigned(self.steps.get(case, ()))
        self.after[case] = replace(row, found=False, into=into)
        self._tell(case, "merge", f"its payments are part of case {into} now, in which it goes on")
        held = f"with {holder}" if holder else "with nobody"
        self._tell(into, "merge", f"case {case} ({row.alert.title.lower()}, {state}, {held}) became part of it")
        here = self._state(into)
        if here in {"closing", "closed"} and state != "closed":
            self._tell(into, "reopen", f"case {case}, which became part of it, is not closed")
        if state == "escalated" and self._state(into) != "escalated":
            self._tell(into, "escalate", f"case {case}, which became part of it, was escalated")

    def _split(self, part: str, whole: str) -> None:
        count = _payments(len(self.after[part].alert.edges))
        self._tell(whole, "split", f"{count} came off and are case {part}")
        self._tell(part, "split", f"its payments came off case {whole} ({self._state(whole)})")

    def _lapse(self, row: CaseRow) -> None:
        self.after[row.id] = replace(row, found=False)
        if was_worked(self.steps.get(row.id, ())):
            self._tell(row.id, "lapse", "the scan no longer finds it; it stands as it was last found")

    def _state(self, id: str) -> str:
        return state_after(self.steps.get(id, ()))

    def _tell(self, id: str, turn: Turn, reason: str) -> None:
        step = Step(DESK, turn, reason, self.at)
        self.steps[id] = (*self.steps.get(id, ()), step)
        write_step(self.connection, id, step, state_after(self.steps[id]), self.record)


def _payments(count: int) -> str:
    return "1 payment" if count == 1 else f"{count} payments"
