from dataclasses import replace

import pytest

from desk.clock import FrozenClock
from desk.errors import Conflict, Forbidden, InputError, NotFound
from desk.fraud.cases import CaseBook
from desk.fraud.local import LocalGraph
from desk.fraud.steps import Step, state_after
from desk.fraud.story import plain_story
from desk.fraud.words import innocent, path_text
from desk.fraud.world import seed_transfers
from desk.identity.people import People
from desk.identity.roles import Person, Role
from desk.store.engine import Store
from tests.desk.fraud.worlds import END, WEEK

CARL, CORA = (Person(name, name.title(), Role.COMPLIANCE) for name in ("carl", "cora"))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = Store.in_folder(tmp_path_factory.mktemp("cases"))
    seed_transfers(store, 20221228, 240, 120, END)
    yield store
    store.close()


@pytest.fixture
def records():
    return []


@pytest.fixture
def book(store, records):
    return CaseBook(store, lambda: END, FrozenClock(END), lambda _, *record: records.append(record), LocalGraph)


def ring_of(book):
    return next(case for case in book.cases() if case.alert.typology == "cycle")


def test_this_week_holds_the_ring_only(book):
    assert [case.alert.typology for case in book.cases(WEEK)] == ["cycle"]
    assert [case.alert.typology for case in book.cases()] == ["cycle", "structuring"]


def test_what_has_not_happened_yet_is_not_known(store, records):
    before = CaseBook(store, lambda: END - WEEK, FrozenClock(END), lambda *_: None, LocalGraph)
    assert [case.alert.typology for case in before.cases()] == ["structuring"]


def test_closing_takes_two_different_officers(book, records):
    id = ring_of(book).alert.id
    assert book.act(id, CARL, "escalate", "looks like layering").state == "escalated"
    assert book.act(id, CARL, "close", "invoices shown").state == "closing"
    with pytest.raises(Conflict, match="another compliance officer must confirm"):
        book.act(id, CARL, "close", "again")
    closed = book.act(id, CORA, "close", "agreed")
    assert closed.state == "closed"
    assert [step.person for step in closed.history] == ["carl", "carl", "cora"]
    assert [kind for kind, *_ in records] == ["fraud.escalate", "fraud.close", "fraud.close"]
    assert records[-1][1] == id
    assert records[-1][2]["state"] == "closed"
    with pytest.raises(Conflict, match="is closed; possible now: reopen"):
        book.act(id, CORA, "escalate", "no")
    assert book.act(id, CORA, "reopen", "new facts").state == "open"


def test_a_refused_step_leaves_no_trace(book, records):
    id = book.cases()[-1].alert.id
    with pytest.raises(Forbidden):
        book.act(id, Person("tom", "Tom", Role.TRADER), "close", "mine")
    with pytest.raises(InputError, match="reason"):
        book.act(id, CARL, "close", "  ")
    with pytest.raises(NotFound):
        book.act("al-0000000000", CARL, "close", "x")
    assert records == []
    assert book.case(id).history == ()


def test_reopening_a_proposed_close_starts_anew():
    steps = [Step("carl", "close", "", ""), Step("cora", "reopen", "", ""), Step("carl", "close", "", "")]
    assert state_after(steps) == "closing"


def test_the_words_name_the_path_and_nobody_as_guilty(book):
    alert = ring_of(book).alert
    assert path_text(alert).split(" → ") == [*alert.accounts, alert.accounts[0]]
    assert "does not show that anybody did anything wrong" in plain_story(alert)
    assert "guilty" not in plain_story(alert).lower()
    assert innocent(alert)


def test_the_surroundings_are_other_transfers_of_the_same_accounts(book):
    alert = ring_of(book).alert
    around = book.around(alert)
    assert around
    assert not {edge.id for edge in around} & {edge.id for edge in alert.edges}
    assert all({edge.source, edge.target} & set(alert.accounts) for edge in around)


@pytest.fixture
def staffed(tmp_path, records):
    """A book of its own store, in which two officers and a trader are known."""
    store = Store.in_folder(tmp_path)
    people = People(store)
    with store.begin() as connection:
        for person in (CARL, CORA, Person("tom", "Tom", Role.TRADER)):
            people.add(connection, person, END)
    seed_transfers(store, 20221228, 240, 120, END)
    yield CaseBook(store, lambda: END, FrozenClock(END), lambda _, *record: records.append(record), LocalGraph)
    store.close()


def test_a_case_is_taken_and_handed_to_another_officer(staffed, records):
    id = ring_of(staffed).alert.id
    assert ring_of(staffed).assignee == ""
    with pytest.raises(Conflict, match="with nobody; take it"):
        staffed.act(id, CARL, "hand", "holidays", "cora")
    assert staffed.act(id, CARL, "take", "").assignee == "carl"
    with pytest.raises(Conflict, match="has alert al-"):
        staffed.act(id, CARL, "take", "again")
    with pytest.raises(InputError, match="'tom' works no cases; hand it to one of: cora"):
        staffed.act(id, CARL, "hand", "holidays", "tom")
    with pytest.raises(InputError, match="reason"):
        staffed.act(id, CORA, "take", "")
    handed = staffed.act(id, CARL, "hand", "holidays", "cora")
    assert (handed.assignee, handed.state) == ("cora", "open")
    assert [(kind, body["assignee"]) for kind, _, body in records] == [("fraud.take", "carl"), ("fraud.hand", "cora")]


def test_taking_a_case_does_not_let_its_proposer_confirm(staffed):
    id = ring_of(staffed).alert.id
    staffed.act(id, CARL, "close", "invoices shown")
    staffed.act(id, CORA, "take", "")
    assert staffed.case(id).state == "closing"
    with pytest.raises(Conflict, match="another compliance officer must confirm"):
        staffed.act(id, CARL, "close", "again")
    assert staffed.act(id, CORA, "close", "agreed").state == "closed"


def test_large_and_old_come_first_and_closed_ones_last(book):
    ring, split = (next(c for c in book.cases() if c.alert.typology == kind) for kind in ("cycle", "structuring"))
    fresh, old = book.priority(ring), book.priority(split)
    assert 0 < fresh < 100
    assert old / split.alert.score > fresh / ring.alert.score  # as large, and three weeks older
    assert book.priority(replace(ring, history=(Step("a", "close", "", ""), Step("b", "close", "", "")))) == 0.0
