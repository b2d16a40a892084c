"""Thresholds that follow verdicts: four eyes, undone to any version, and the scan uses what is in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from desk.clock import FrozenClock
from desk.errors import Conflict, Forbidden, InputError, NotFound
from desk.fraud.cases import CaseBook
from desk.fraud.local import LocalGraph
from desk.fraud.steps import Verdict, agreed_verdict
from desk.fraud.thresholds import STANDARD
from desk.identity.roles import Person, Role
from desk.store.engine import Store
from tests.desk.fraud.test_carrying import BEGIN, CARL, CORA, keep
from tests.desk.fraud.worlds import END, pay, town

TOM = Person("tom", "Tom", Role.TRADER)


def payments(owner: str, most: int) -> list:
    return [pay(owner, f"{owner}-{n % 2}", 9_300.0 + n, BEGIN + timedelta(days=n)) for n in range(most)]


@pytest.fixture
def records():
    return []


@pytest.fixture
def book(tmp_path, records):
    """Nine savers whose few payments were nothing, and nine who paid oftener and were rightly found."""
    store = Store.in_folder(tmp_path)
    keep(store, *town())
    for n in range(9):
        keep(store, *payments(f"few{n}", 4), *payments(f"many{n}", 9))
    wall = FrozenClock(END)
    rules = replace(STANDARD, report_from=0.77)  # four payments score .78, one step of a level above it
    made = CaseBook(store, lambda: END, wall, lambda _, *record: records.append(record), LocalGraph, rules)
    for case in made.cases():
        wall.advance(timedelta(seconds=1))
        verdict: Verdict = "confirmed" if case.alert.accounts[0].startswith("many") else "cleared"
        made.act(case.alert.id, CARL, "close", "looked", verdict=verdict)
        made.act(case.alert.id, CORA, "close", "agreed")
    wall.advance(timedelta(seconds=1))
    records.clear()
    yield made
    store.close()


def test_a_step_needs_two_and_then_the_scan_uses_it_and_alerts_say_so(book, records):
    (step,) = book.weigh()
    assert (step.typology, step.then[:2], step.now[:2]) == ("structuring", (9, 9), (9, 0))
    proposed = book.propose_step(CARL)
    assert (proposed.state, proposed.levels) == ("waiting", {"structuring": step.after})
    assert "of the alerts of now these go: al-" in proposed.why[1]
    assert "and 1 more" in proposed.why[1]
    assert proposed.why[2] == "these come: none"
    assert len(book.cases()) == 18, "a proposal changes nothing"
    assert book.versions.accept(CARL, proposed.id).state == "accepted"
    with pytest.raises(Conflict, match="another compliance officer must confirm"):
        book.versions.accept(CARL, proposed.id)
    assert book.versions.in_force().version == 0
    done = book.versions.accept(CORA, proposed.id)
    assert (done.state, done.version, done.accepted_by, done.confirmed_by) == ("in_force", 1, "carl", "cora")
    lapsed = [case for case in book.cases() if not case.found]
    assert {case.alert.accounts[0][:3] for case in lapsed} == {"few"}
    assert len(lapsed) == 9
    assert {case.version for case in book.cases()} == {0}
    assert [kind for kind, *_ in records][:3] == [f"fraud.thresholds.{t}" for t in ("proposed", "accepted", "in_force")]
    (again,) = book.weigh()
    assert again.after == again.before == step.after, "the same verdicts do not move it twice"


def test_what_a_version_finds_says_which(book):
    id = book.propose_step(CARL).id
    for person in (CORA, CARL):
        book.versions.accept(person, id)
    keep(book._store, *payments("newcomer", 9), *payments("hardly", 4))
    new = [case for case in book.cases() if case.version == 1]
    assert [case.alert.accounts[0] for case in new] == ["newcomer"]


def test_undoing_takes_two_as_well_and_keeps_every_version(book):
    first = book.propose_step(CARL)
    for person in (CARL, CORA):
        book.versions.accept(person, first.id)
    with pytest.raises(NotFound, match="there is no version 7"):
        book.undo_steps(CARL, 7, "no")
    with pytest.raises(Conflict, match="version 1 is in force already"):
        book.undo_steps(CARL, 1, "no")
    back = book.undo_steps(CARL, 0, "it hid a case")
    assert back.why[0] == "back to version 0: it hid a case"
    assert back.why[2].startswith("these come: structuring")
    with pytest.raises(Conflict, match="another compliance officer"):
        book.versions.accept(CARL, back.id)
    assert book.versions.accept(CORA, back.id).version == 2
    assert book.versions.in_force().levels == {}
    assert all(case.found for case in book.cases())
    again = book.undo_steps(CORA, 1, "it was right")
    assert book.versions.accept(CARL, again.id).levels == first.levels
    assert [one.version for one in book.versions.all() if one.state == "in_force"] == [0, 1, 2, 3]


def test_a_new_proposal_replaces_the_one_that_waits(book):
    old, new = book.propose_step(CARL), book.propose_step(CORA)
    with pytest.raises(Conflict, match="replaced; propose anew"):
        book.versions.accept(CARL, old.id)
    book.versions.accept(CARL, new.id)
    book.versions.accept(CORA, new.id)
    with pytest.raises(Conflict, match="is in force; propose anew"):
        book.versions.accept(CARL, new.id)
    with pytest.raises(InputError, match="ask for no step"):
        book.propose_step(CARL)
    with pytest.raises(NotFound):
        book.versions.accept(CARL, 99)


def test_only_officers_propose_accept_and_undo(book):
    id = book.propose_step(CARL).id
    for attempt in (
        lambda: book.propose_step(TOM),
        lambda: book.versions.accept(TOM, id),
        lambda: book.undo_steps(TOM, 0, "mine"),
    ):
        with pytest.raises(Forbidden):
            attempt()


def test_a_verdict_is_of_both_or_of_nobody(book):
    case = book.cases()[0]
    id = case.alert.id
    assert agreed_verdict(case.history) in {"confirmed", "cleared"}
    book.act(id, CARL, "reopen", "anew")
    assert agreed_verdict(book.case(id).history) == ""
    with pytest.raises(InputError, match="a verdict goes with closing"):
        book.act(id, CARL, "escalate", "x", verdict="confirmed")
    book.act(id, CARL, "close", "x")
    with pytest.raises(Conflict, match="was proposed as without a verdict, not cleared"):
        book.act(id, CORA, "close", "x", verdict="cleared")
    book.act(id, CORA, "reopen", "x")
    book.act(id, CARL, "close", "x", verdict="confirmed")
    with pytest.raises(Conflict, match="proposed as confirmed, not cleared"):
        book.act(id, CORA, "close", "x", verdict="cleared")
    closed = book.act(id, CORA, "close", "x", verdict="confirmed")
    assert agreed_verdict(closed.history) == "confirmed"
