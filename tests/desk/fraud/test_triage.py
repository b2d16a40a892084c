"""Borderline alerts, opinions on them, and the order of the queue: nothing else moves."""

import random
from dataclasses import replace

import pytest

from desk.errors import Forbidden
from desk.fraud.thresholds import STANDARD
from desk.fraud.triage import BAND, Opinion, OpinionBook, Standing, is_borderline, order_queue, state_of
from tests.agents.opinions import RING, facts_of


@pytest.mark.parametrize(("score", "inside"), [(0.74, False), (0.75, True), (0.84, True), (0.85, False), (0.99, False)])
def test_the_band_begins_at_the_level_and_ends_below_its_width(score, inside):
    assert round(STANDARD.report_from + BAND, 2) == 0.85
    assert is_borderline(replace(RING, score=score), STANDARD) is inside
    raised = STANDARD.at({"cycle": 0.8})
    assert is_borderline(replace(RING, score=score), raised) is (0.8 <= score < 0.9)


def test_opinions_move_borderline_cases_among_their_own_places_only():
    queue = [Standing(f"c{n}", 100.0 - n, 0.0, n in {1, 3, 4, 6}) for n in range(8)]
    assert order_queue(reversed(queue), {}) == [f"c{n}" for n in range(8)]
    words = {"c1": "likely_innocent", "c4": "keep", "c6": "escalate", "c0": "likely_innocent", "c7": "escalate"}
    assert order_queue(queue, words) == ["c0", "c6", "c2", "c3", "c4", "c5", "c1", "c7"]


def test_whatever_is_said_no_case_is_lost_and_no_other_case_moves():
    rng = random.Random(5)
    for _ in range(200):
        count = rng.randrange(12)
        queue = [Standing(f"c{n}", rng.choice([1.0, 2.0, 3.0]), n, rng.random() < 0.5) for n in range(count)]
        words = {one.id: rng.choice(["escalate", "keep", "likely_innocent", "close"]) for one in queue}
        plain, moved = order_queue(queue, {}), order_queue(queue, words)
        assert sorted(plain) == sorted(moved)
        border = {one.id for one in queue if one.borderline}
        assert [id if id not in border else "" for id in plain] == [id if id not in border else "" for id in moved]


def opinion(alert, word="keep"):
    return Opinion(
        alert=alert.id, about=state_of(alert), word=word, reasons=(), model="m", prompt="triage.v1", cost_usd=0.01
    )


def test_an_opinion_holds_while_the_alert_stays_as_it_was_and_is_recorded(desk):
    records, officer = [], desk.people.get("compliance")

    def record(connection, kind, subject, body):
        desk.record(connection, kind, subject, body)
        records.append((kind, body["word"], body["person"]))

    book = OpinionBook(desk.store, desk.wall, record)
    book.keep(opinion(RING), officer)
    kept = book.keep(opinion(RING, "escalate"), officer)
    assert book.of([RING]) == {RING.id: kept}
    assert kept.at
    grown = replace(RING, edges=(*RING.edges, RING.edges[0]._replace(id="more")))
    assert book.of([grown]) == book.of([replace(RING, score=0.81)]) == book.of([]) == {}
    assert records == [("fraud.opinion", "keep", "compliance"), ("fraud.opinion", "escalate", "compliance")]
    with pytest.raises(Forbidden):
        book.keep(opinion(RING), desk.people.get("trader"))


def test_the_facts_say_what_the_transfers_say():
    facts = {fact.id: fact for fact in facts_of().all()}
    assert float(facts["payments"].value) == len(RING.edges)
    assert float(facts["pairs"].value) == len({frozenset((e.source, e.target)) for e in RING.edges})
    got = {e.target: e.minor for e in RING.edges}
    paid = {e.source: e.minor for e in RING.edges}
    through = set(got) & set(paid)
    share = 100 * sum(paid[name] for name in through) / sum(got[name] for name in through)
    assert float(facts["passed_on"].value) == pytest.approx(share, abs=0.01)
    assert float(facts["moved"].value) == float(RING.amount)
    assert not any(name in f"{fact.label} {fact.locator}" for fact in facts.values() for name in RING.accounts)
