"""A person's decision records and kept answers go with the person; the figures stay."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import select

from desk.clock import WallClock
from desk.errors import NotFound
from desk.llm.cache import AnswerCache
from desk.llm.chat import Part
from desk.store.engine import Store
from desk.store.keys import SubjectKeys
from desk.store.model_tables import model_answers
from desk.store.subjects import erase_subject
from tests.llm.routing import QUOTES, Scripted, ask, routed

SECRET = "clara retires in october"


async def test_words_names_and_hashes_go_and_figures_stay(tmp_path):
    store, keys, now = Store.in_folder(tmp_path), SubjectKeys(bytes(32)), "2026-11-27T00:00:00.000000Z"
    wordy = Scripted("m", lambda _: [Part(SECRET)])
    mute = Scripted("n", lambda _: [Part(" ")])
    cache = AnswerCache(store, WallClock(), "1")
    async with routed(tmp_path, mute, wordy, cache=cache) as router:
        for person in ("clara", "tom"):
            await router.complete(ask(person=person, cached=True, tools=(QUOTES,)))
        router.book.flush()
        before = {call.person: call for call in router.book.newest()}
        assert before["clara"].attempts[1].raw == SECRET
        with store.begin() as connection:
            keys.key(connection, "clara", now)
            stores = router.subject_stores
            assert erase_subject(connection, keys, stores, "clara", now) == {"model calls": 1, "kept model answers": 1}
            assert erase_subject(connection, keys, stores, "clara", now) == {"model calls": 0, "kept model answers": 0}
        calls = {call.person: call for call in router.book.newest()}
        assert set(calls) == {"", "tom"}
        assert calls["tom"] == before["tom"]
        gone, was = calls[""], before["clara"]
        assert (gone.input_hash, gone.reason, gone.nanos, gone.ms) == ("", "", was.nanos, was.ms)
        assert [(a.raw, a.reason) for a in gone.attempts] == [("", "erased"), ("", "")]
        with store.read() as connection:
            assert connection.execute(select(model_answers.c.person)).scalars().all() == ["tom"]
            with pytest.raises(NotFound, match="was erased"):
                keys.key(connection, "clara", now)
    store.close()
    rows = sqlite3.connect(tmp_path / "tenor.db").execute("select * from model_calls where person = ''").fetchall()
    assert len(rows) == 1
    assert SECRET not in str(rows)
    assert "clara" not in str(rows)
