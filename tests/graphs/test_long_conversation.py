"""A conversation of many turns: what it leaves in memory and on disk is bounded."""

import gc
import os
import sqlite3

import pytest

from desk.identity.roles import Person, Role
from graphs.memory import KEPT, REMEMBERED
from tests.sizes import LONG

TURNS = 1_000 if LONG else 300
ASKED = (
    "what is AAPL trading at?",
    "how volatile is MSFT?",
    "and the year before?",
    "what do I hold?",
    "what did Apple's net sales come to?",
    "any suspicious transfers?",
)
CARLA = Person("carla", "Carla Customer", Role.CUSTOMER, ("cust-1",))
TESS = Person("tess", "Tess Trader", Role.TRADER, ("desk-1",))


def kept_runs(folder):
    with sqlite3.connect(folder / "checkpoints.db") as connection:
        rows = connection.execute("SELECT thread_id FROM checkpoints UNION SELECT thread_id FROM writes").fetchall()
    return {run for (run,) in rows}


def live_pages(folder):
    with sqlite3.connect(folder / "checkpoints.db") as connection:
        [(pages,)], [(free,)] = (
            connection.execute(f"PRAGMA {name}").fetchall() for name in ("page_count", "freelist_count")
        )
    return int(pages) - int(free)


def bytes_of(folder):
    return sum((folder / name).stat().st_size for name in os.listdir(folder) if name.startswith("checkpoints.db"))


async def test_memory_and_checkpoints_of_a_long_conversation_are_bounded(runtime):
    pages, objects, histories = [], [], []
    for n in range(TURNS):
        answer = await runtime.ask(f"{ASKED[n % len(ASKED)]} {n}", CARLA, "long")
        histories.append(runtime.conversations.begin(CARLA, "long", "…"))
        assert answer["agents"]
        if n % (TURNS // 3) == TURNS // 3 - 1:
            gc.collect()
            pages.append(live_pages(runtime.desk.folder))
            objects.append(len(gc.get_objects()))
    assert max(len(history) for history in histories) == REMEMBERED
    assert kept_runs(runtime.desk.folder) == set()
    assert pages[2] <= pages[0]
    assert bytes_of(runtime.desk.folder) < 16 * 2**20, "SQLite's log is written back every thousand pages"
    assert objects[2] - objects[1] < 5 * TURNS, "every turn leaves objects behind"
    turns = runtime.conversations.turns(CARLA, "long")
    assert len(turns) == min(TURNS, KEPT)
    assert str(turns[-1]["question"]).endswith(f" {TURNS - 1}")


async def test_only_a_run_that_waits_keeps_a_checkpoint(runtime):
    asked = await runtime.ask("buy 10 AAPL", TESS)
    run = str(asked["run"])
    assert kept_runs(runtime.desk.folder) == {run}
    await runtime.ask("what is AAPL trading at?", TESS)
    assert kept_runs(runtime.desk.folder) == {run}
    await runtime.answer_approval(f"ap-{run}", TESS, "refuse", "not today")
    assert kept_runs(runtime.desk.folder) == set()


async def test_a_sweep_takes_what_expired_proposals_left(runtime):
    asked = await runtime.ask("buy 10 AAPL", TESS)
    waiting = runtime.desk.approvals.runs_waiting()
    assert waiting == {str(asked["run"])}
    assert await runtime.checkpoints.sweep(waiting) == 0
    assert await runtime.checkpoints.sweep(set()) == 1
    assert kept_runs(runtime.desk.folder) == set()


@pytest.mark.parametrize("count", [KEPT, KEPT + 1])
def test_the_oldest_turns_go_first(runtime, count):
    talks = runtime.conversations
    talks.begin(CARLA, "t", "first")
    for n in range(count):
        talks.keep("t", f"run{n:04}", f"q{n}", {})
    kept = [turn["question"] for turn in talks.turns(CARLA, "t")]
    assert len(kept) == KEPT
    assert f"q{count - 1}" in kept
