"""The book of turns: its figures against plain arithmetic, windows, restarts, bounds."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select

from desk.clock import FrozenClock, to_iso
from desk.llm.turns import KEPT_DAYS, MOST_REASONS, OTHER, AgentTurn, TurnBook
from desk.store.engine import Store
from desk.store.model_tables import agent_turns

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    made = Store.in_folder(tmp_path)
    yield made
    made.close()


def turn(ms=100.0, **more) -> AgentTurn:
    given = {
        "run": "r", "agent": "risk", "prompt": "risk.v2", "asked": "m", "model": "m", "reason": "",
        "first_ms": ms / 2, "tokens_in": 10, "tokens_out": 5, "cost_usd": 0.001,
    }  # fmt: skip
    return AgentTurn(ms=ms, **{**given, **more})


def nearest_rank(values, share):
    return sorted(values)[math.ceil(share * len(values)) - 1]


def test_figures_are_those_of_plain_arithmetic_before_and_after_a_restart(store):
    clock, dice = FrozenClock(NOW), random.Random(7)
    book = TurnBook(store, clock)
    kept = []
    for n in range(300):
        clock.advance(timedelta(seconds=10))
        made = turn(
            round(dice.uniform(1, 9000), 3),
            asked=dice.choice(["a", "b"]),
            prompt=dice.choice(["risk.v1", "risk.v2"]),
            reason=dice.choice(["", "", f"a: no answer in {dice.randint(1, 9)} ms"]),
            cost_usd=dice.randint(0, 10**6) / 1e9,
        )
        kept.append(made)
        book.keep(made)
        if n == 100:
            book.report("hour")  # from here on in memory, before that from the store
    live = book.report("hour")
    book.close()
    assert TurnBook(store, clock).report("hour") == live
    assert len(live.summaries) == 4
    for found in live.summaries:
        mine = [t for t in kept if (t.prompt, t.asked) == (found.prompt, found.asked)]
        assert found.turns == len(mine)
        assert found.total == (nearest_rank([t.ms for t in mine], 0.5), nearest_rank([t.ms for t in mine], 0.95))
        assert found.first.p50 == pytest.approx(nearest_rank([t.ms / 2 for t in mine], 0.5), abs=0.001)
        assert found.nanos == round(sum(t.cost_usd for t in mine) * 1e9)
        assert (found.tokens_in, found.tokens_out) == (10 * len(mine), 5 * len(mine))
        assert found.fallbacks == sum(bool(t.reason) for t in mine)
        assert found.reasons == ((("a: no answer in … ms", found.fallbacks),) if found.fallbacks else ())


def test_a_window_holds_what_is_in_it(store):
    clock = FrozenClock(NOW)
    book = TurnBook(store, clock)
    assert book.report("week").summaries == ()
    for step in (timedelta(days=6), timedelta(hours=20), timedelta(minutes=30)):
        book.keep(turn())
        clock.advance(step)
    counts = {name: sum(s.turns for s in book.report(name).summaries) for name in ("hour", "day", "week")}
    assert counts == {"hour": 1, "day": 2, "week": 3}
    clock.advance(timedelta(days=7))
    assert book.report("week").summaries == ()
    with pytest.raises(KeyError):
        book.report("year")


def test_no_first_token_is_none_and_no_model_is_a_group_of_its_own(store):
    book = TurnBook(store, FrozenClock(NOW))
    book.keep(turn(asked="", model="", first_ms=None))
    book.keep(turn(asked="m", model="", first_ms=None, reason="m: no"))
    plan, fallen = book.report("hour").summaries
    assert (plan.asked, plan.first, plan.fallbacks) == ("", (None, None), 0)
    assert (fallen.asked, fallen.first, fallen.reasons) == ("m", (None, None), (("m: no", 1),))


def test_reasons_without_end_count_as_others(store):
    book = TurnBook(store, FrozenClock(NOW))
    book.report("hour")
    words = ["".join(pair) for pair in zip("abcdefghij" * 200, map(chr, range(0x4E00, 0x4E00 + 2000)), strict=True)]
    for word in words:
        book.keep(turn(reason=word))
    (found,) = book.report("hour").summaries
    assert found.fallbacks == 2000
    assert found.reasons[0] == (OTHER, 2000 - MOST_REASONS + 2)


def test_what_is_older_than_a_month_goes_when_the_desk_closes(store):
    clock = FrozenClock(NOW)
    columns = {c.name: "" if c.type.python_type is str else 0 for c in agent_turns.columns if c.name != "id"}
    with store.begin() as connection:
        for days in (KEPT_DAYS - 1, KEPT_DAYS + 1):
            connection.execute(insert(agent_turns).values({**columns, "at": to_iso(NOW - timedelta(days=days))}))
    book = TurnBook(store, clock)
    book.keep(turn())
    book.close()
    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(agent_turns)).scalar_one() == 2
