"""A hundred recorded runs come out again byte for byte, where nothing but reading is possible."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from graphs.replay.bundle import Bundle, read_file
from graphs.replay.recorded_tools import Strayed
from graphs.replay.replaying import replay
from tests.graphs.recorded_runs import SECRET, record_runs

pytestmark = pytest.mark.filterwarnings("ignore")
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> list[Path]:
    return asyncio.run(record_runs(tmp_path_factory.mktemp("recorded")))


@pytest.fixture(scope="module")
def bundles(files) -> list[Bundle]:
    return [read_file(path.read_bytes()).bundle for path in files]


def test_they_are_as_varied_as_a_desk_is(bundles):
    answers = [json.loads(bundle.answer) for bundle in bundles]
    assert len(bundles) == 100
    assert len({bundle.run for bundle in bundles}) == 100
    assert len({part.agent for bundle in bundles for part in bundle.parts}) == 10
    assert {len(bundle.parts) for bundle in bundles} >= {1, 2, 6}
    assert len({bundle.person.role for bundle in bundles}) >= 4
    assert sum(answer["refusal"] is not None for answer in answers) >= 8
    assert sum(answer["abstained"] for answer in answers) >= 8
    assert sum(answer["approval"] is not None for answer in answers) >= 8
    assert sum(answer["model"] == "mine" for answer in answers) >= 8
    assert sum(answer["fallback"] is not None for answer in answers) >= 8
    assert any(bundle.history for bundle in bundles)
    assert any(bundle.background for bundle in bundles)
    assert any(bundle.person.via for bundle in bundles)
    assert any(len(part.asks) > 1 for bundle in bundles for part in bundle.parts)
    assert any(call.error for bundle in bundles for part in bundle.parts for call in part.calls)
    assert any(reading.kind == kind for kind in ("now", "accounts", "rules") for reading in readings(bundles))


def readings(bundles):
    return [reading for bundle in bundles for part in bundle.parts for reading in part.readings]


def test_all_are_identical_where_no_connection_no_file_and_no_process_can_be_made(files):
    ran = subprocess.run(
        [sys.executable, "-B", "-m", "tests.graphs.replaying_offline", *map(str, files)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "TENOR_DATA": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    found = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    assert len(found) == 100
    assert [row for row in found if not row["identical"]] == []


def test_the_hook_of_that_process_does_forbid(tmp_path):
    words = "import sys, socket; from tests.graphs.offline_hook import forbid; sys.addaudithook(forbid)"
    for deed in ("socket.create_connection(('127.0.0.1', 9))", f"open({str(tmp_path / 'x')!r}, 'w')"):
        ran = subprocess.run(
            [sys.executable, "-B", "-c", f"{words}; {deed}"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert "Forbidden" in ran.stderr
    assert not (tmp_path / "x").exists()


def test_no_key_is_kept(files):
    kept = [path for path in files if SECRET in json.dumps([ask for ask in _raws(path)])]
    assert kept == []


def _raws(path):
    for part in read_file(path.read_bytes()).bundle.parts:
        for ask in part.asks:
            yield [attempt["raw"] for attempt in json.loads(ask.routed)["attempts"]]


async def test_one_changed_fact_changes_its_own_words_and_no_other(bundles):
    tried = 0
    for bundle in bundles:
        answer = json.loads(bundle.answer)
        for shown in answer["facts"][:3]:
            changed = with_fact(bundle, shown["id"])
            if changed is None:
                continue
            try:
                found = await replay(changed)
            except Strayed:  # a model had read the figure: what it was asked is no longer what it answered
                assert any(part.asks for part in bundle.parts)
                continue
            tried += 1
            assert [fact.id for fact in found.facts] == [shown["id"]]
            assert set(found.fields) <= {"answer", "facts"}
            label = f"(#fact-{shown['id']})"
            assert len(found.words) <= answer["answer"].count(label)
            assert found.tools == ()
    assert tried >= 60


def with_fact(bundle: Bundle, id: str) -> Bundle | None:
    """The bundle with another value of a fact in the tool results that registered it; None when no tool did."""
    plain = bundle.model_dump(mode="json")
    rows = [fact for part in plain["parts"] for call in part["calls"] for fact in call["facts"] if fact["id"] == id]
    for fact in rows:
        fact["value"] = str(int(float(fact["value"])) + 7)
    return Bundle.model_validate(plain) if rows else None
