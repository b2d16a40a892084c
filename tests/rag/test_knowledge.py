"""The knowledge base: every entry sound and true of the code, found by its own words, silent about other things."""

from __future__ import annotations

import re
from decimal import Decimal
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.errors import DataError, NotFound
from desk.facts import SLOT, FactTable
from desk.trading.venue_order import commission_on
from evals.suites.knowledge import FILE, load_knowledge_cases
from rag.factory import build_knowledge
from rag.knowledge.entries import Entries, Entry, entry_faults, load_entries
from rag.knowledge.search import fit_of
from rag.knowledge.vectors import load_general, load_vectors, whitening
from tools.knowledge import render_entry
from tools.knowledge_figures import FIGURES, read_figure

ROOT = Path(__file__).parents[2]
BASE = build_knowledge()
TOPICS = {
    "Instruments",
    "Orders",
    "This desk",
    "Risk",
    "Saving and portfolios",
    "Taxes in general terms",
    "Rules, privacy and fraud",
    "Company filings",
    "Research and agents",
}


def entries() -> Entries:
    return load_entries()


def test_there_are_enough_entries_on_every_topic():
    found = entries().all
    assert len(found) >= 160
    assert {entry.topic for entry in found} == TOPICS


def test_no_phrasing_stands_in_two_entries():
    said = [text.casefold() for entry in entries().all for text in entry.questions]
    assert not {text for text in said if said.count(text) > 1} - {"what is the difference between a bond and a stock?"}


def test_every_desk_document_named_as_a_source_is_there():
    named = {source for entry in entries().all for source in entry.sources if "/" in source and " " not in source}
    assert named
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_every_tax_entry_says_that_it_is_no_advice():
    taxes = [entry for entry in entries().all if entry.topic == "Taxes in general terms"]
    assert len(taxes) >= 8
    assert [entry.id for entry in taxes if not re.search(r"no\s+tax(?:,\s+legal)?", entry.answer)] == []


def test_every_figure_named_exists_and_stands_at_a_place_in_the_code():
    named = {name for entry in entries().all for name in entry.figures.values()}
    assert named <= FIGURES.keys()
    for name in named:
        module, rest = _module(FIGURES[name].where)
        held = import_module(module)
        if rest:
            assert hasattr(held, rest[0]), name


def _module(where: str) -> tuple[str, list[str]]:
    parts = where.split(".")
    for size in range(len(parts), 0, -1):
        if (ROOT / Path(*parts[:size])).with_suffix(".py").is_file():
            return ".".join(parts[:size]), parts[size:]
    raise AssertionError(where)


def test_figures_are_those_of_the_open_desk(desk):
    def value(name: str) -> Decimal:
        return read_figure(desk, name, "x", "2026-11").value

    limits = desk.trading.gate.rules.limits
    assert value("threshold.customer") == desk.thresholds.customer
    assert value("threshold.trader") == desk.thresholds.trader
    assert value("limits.max_order_notional") * 100 == limits.max_order_notional
    assert value("limits.customer.leverage") == limits.customer.max_leverage_pct
    assert value("limits.price_band") * 100 == limits.price_band_bps
    notional = 200_000_000
    assert value("commission.rate") / 100 * notional == commission_on(notional)
    assert value("commission.least") * 100 == commission_on(1)
    with pytest.raises(NotFound, match="nothing"):
        read_figure(desk, "nothing", "x", "2026-11")


def test_every_entry_renders_with_no_slot_left(desk):
    for entry in entries().all:
        table = FactTable()
        filled, shown = table.fill(render_entry(desk, table, entry, "2026-11"))
        assert not SLOT.search(filled)
        assert len(shown) == len(entry.figures)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"answer": "Too short."}, "2 words"),
        ({"answer": "word " * 70 + "7 days"}, "'7' is typed"),
        ({"answer": "word " * 70 + "{{f:fee}}"}, "slots"),
        ({"related": ("no-such",)}, "no-such"),
        ({"id": "No Id"}, "no id"),
        ({"names": ("12",)}, "no name"),
    ],
)
def test_a_faulty_entry_is_refused_and_told_why(change, says):
    sound = Entry(id="x", title="X", questions=("What is x?", "Why x?"), answer="word " * 70)
    faulty = sound.model_copy(update=change)
    assert any(says in fault for fault in entry_faults(faulty, Entries([faulty])))
    assert not entry_faults(sound, Entries([sound]))


def test_vectors_of_other_entries_are_refused(tmp_path):
    fewer = Entries(list(entries().all[1:]))
    with pytest.raises(DataError, match=r"rag\.knowledge\.build"):
        load_vectors(fewer.hash)
    with pytest.raises(DataError, match=r"rag\.knowledge\.build"):
        load_vectors(entries().hash, tmp_path / "none.npz")
    with pytest.raises(DataError, match=r"graphs\.general"):
        load_general(tmp_path / "none.npz")


def test_every_entry_is_found_by_its_own_questions():
    asked = [(entry.id, question) for entry in entries().all for question in entry.questions[:2]]
    missed = [each for each in asked if each[0] not in [m.entry.id for m in BASE.find(each[1], 2).matches]]
    assert missed == []


@given(st.text(max_size=300))
@settings(max_examples=60)
def test_any_text_gets_an_answer_or_none(text):
    found = BASE.find(text)
    assert len(found.matches) <= 3
    assert [m.score for m in found.matches] == sorted((m.score for m in found.matches), reverse=True)
    assert found.fit in {"certain", "sure", "likely", ""}


@given(st.floats(0, 2), st.floats(0, 2), st.floats(0, 1), st.floats(0, 1))
def test_more_certainty_and_a_more_general_question_never_allow_less(one, other, this, that):
    order = {"": 0, "likely": 1, "sure": 2, "certain": 3}
    low, high = sorted((one, other))
    less, more = sorted((this, that))
    assert order[fit_of(low, less)] <= order[fit_of(high, more)]


def test_whitening_evens_out_how_rows_spread_within_their_groups():
    rng = np.random.default_rng(1)
    means = rng.normal(size=(20, 4)) * 3
    rows = np.repeat(means, 50, axis=0) + rng.normal(size=(1000, 4)) * np.array([5, 1, 0.5, 2])
    stretch = whitening(rows.astype(np.float32), np.arange(0, 1000, 50))
    spread = (rows - np.repeat(means, 50, axis=0)) @ stretch
    assert np.allclose(spread.std(axis=0), 1, atol=0.1)


def test_how_people_put_it_is_searched_and_never_shown():
    entry = entries().get("commission")
    assert entry.asked
    assert set(entry.asked) <= set(entry.phrasings)
    assert not set(entry.asked) & set(entry.questions)


def test_questions_for_no_entry_are_refused(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "asked.yaml").write_text("no-such: how so | why so\n")
    with pytest.raises(DataError, match="no-such"):
        load_entries(tmp_path / "data")


def test_names_that_no_entry_holds_are_somebody_elses_case():
    assert BASE.find("what is free cash flow").fit == "certain"
    assert BASE.find("what is free cash flow at Zorblax").fit == ""


def test_the_cases_of_both_sets_are_apart():
    test, dev = (
        {case.input for case in load_knowledge_cases(path, entries())}
        for path in (FILE, FILE.with_name("knowledge_dev.jsonl"))
    )
    assert not test & dev
    assert len(test) >= 84
