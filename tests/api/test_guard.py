"""`tenor guard` and the scanner's line on a run, with a scanner in this process."""

from __future__ import annotations

import asyncio
import json
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from agents.scan.process import Scan, Scanned, Text
from agents.scan.validators import VALIDATORS, run_check
from api.app import build_app
from api.arguments import build_parser
from api.commands.guard import guard
from api.commands.seat import Seat
from api.commands.work import work
from desk.errors import Forbidden, InputError
from desk.store.bundle_tables import run_scans
from graphs.replay.bundle import read_body
from graphs.runtime import Runtime
from graphs.scanning import Answered, ScanBook, text_of, text_of_bundle
from tests.api.test_http import BASE, sign_in

pytestmark = pytest.mark.filterwarnings("ignore")


def scan_here(texts: Sequence[Text], validators: Sequence[str]) -> Scan:
    """The same rules without the library around them."""
    found = [tuple(one for name in validators for one in run_check(name, t.text, t.material)) for t in texts]
    return Scan(results=tuple(Scanned(passed=not each, findings=each) for each in found), library="here 1")


@pytest.fixture
def scanned(runtime: Runtime) -> Runtime:
    desk = runtime.desk
    return replace(runtime, scans=ScanBook(desk.store, desk.wall, runtime.runs, runtime.filings, scan_here))


async def told(runtime: Runtime, cwd: Path, *words: str):
    """What a command printed as JSON, with its exit code."""
    outcome = await guard(seat_of(runtime, cwd, *words))
    assert outcome.result is not None
    found: Any = outcome.result
    return outcome.exit, found, outcome.text


def seat_of(runtime: Runtime, cwd: Path, *words: str) -> Seat:
    return Seat(runtime, build_parser().parse_args(["guard", *words]), "me", cwd)


async def ask(runtime, question="What is Apple trading at?", name="analyst"):
    return await runtime.ask(question, runtime.desk.people.get(name))


QUESTIONS = [
    ("analyst", "What is Apple trading at?"),
    ("customer", "What do I own?"),
    ("trader", "Buy 10 AAPL"),
    ("compliance", "Any suspicious transfers this month?"),
    ("analyst", "What were Apple's total net sales in 2023?"),
    ("trader", "May I trade Range Resources?"),
    ("analyst", "What is a limit order?"),
    ("analyst", "How is the mood on Apple?"),
    ("customer", "I am 40 and want to retire at 65 with 4,000 a month. Am I on track?"),
]


@pytest.mark.parametrize(("name", "question"), QUESTIONS)
async def test_a_true_answer_passes_and_the_same_with_faults_does_not(scanned, name, question):
    answer = await ask(scanned, question, name)
    text = text_of_bundle(scanned.runs.get(answer["run"], None).bundle, scanned.filings)
    assert [one for name in VALIDATORS for one in run_check(name, text.text, text.material)] == []
    bent = f"{text.text}\nIt will be worth 918,273 by then; you should buy it."
    assert run_check("numerals", bent, text.material)
    assert bool(run_check("advice", bent, text.material)) is (answer["agents"] != ["robo_advisor"])


async def test_a_citation_of_other_words_is_found(scanned):
    answer = await ask(scanned, "What does Apple say about supply risk?")
    assert answer["citations"]
    moved = [{**row, "start": row["start"] + 5, "end": row["end"] + 5} for row in answer["citations"]]
    for cites, faults in ((answer["citations"], 0), (moved, len(moved))):
        text = text_of(Answered({**answer, "citations": cites}), scanned.filings)
        assert len(run_check("citations", text.text, text.material)) == faults


async def test_runs_are_scanned_once_and_what_was_found_stands_on_their_page(scanned, tmp_path):
    answer, other = await ask(scanned), await ask(scanned, "What do I own?", "customer")
    exit, found, _ = await told(scanned, tmp_path, "runs")
    assert (exit, found["scanned"], found["faulty"]) == (0, 2, 0)
    for words, count in (((), 0), (("--again", "--most", "1"), 1), (("--again", "--since", "2999-01-01"), 0)):
        assert (await told(scanned, tmp_path, "runs", *words))[1]["scanned"] == count
    transport = httpx.ASGITransport(build_app(scanned, tmp_path))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        await sign_in(client, scanned, "compliance")
        found = (await client.get(f"/v1/runs/{answer['run']}")).json()["scan"]
        assert (found["run"], found["passed"], found["library"], found["findings"]) == (
            answer["run"],
            True,
            "here 1",
            [],
        )
        await sign_in(client, scanned, "customer")
        assert (await client.get(f"/v1/runs/{other['run']}")).json()["scan"] is None


async def test_what_was_found_goes_with_the_run(scanned, tmp_path):
    answer = await ask(scanned)
    scanned.scans.scan_new()
    assert scanned.scans.of(answer["run"]) is not None
    scanned.forget(scanned.desk.people.get("analyst"), answer["thread"])
    assert scanned.scans.of(answer["run"]) is None
    await ask(scanned)
    scanned.scans.scan_new()
    with scanned.desk.store.begin() as connection:
        scanned.runs.erase_subject(connection, "analyst")
        assert connection.execute(select(func.count()).select_from(run_scans)).scalar_one() == 0


async def test_a_faulty_run_is_told_with_place_and_fix(scanned, tmp_path):
    answer = await ask(scanned)
    bundle = scanned.runs.get(answer["run"], None).bundle
    bent = {**json.loads(bundle.answer), "answer": "Write to ann@example.org about [9 USD](#fact-aapl_last)."}
    changed = read_body(
        json.dumps({**bundle.model_dump(mode="json"), "run": "bent", "answer": json.dumps(bent)}).encode()
    )
    scanned.runs.keep(changed)
    exit, found, text = await told(scanned, tmp_path, "runs")
    assert exit == 1
    rows = {row["run"]: row for row in found["runs"]}
    assert rows[answer["run"]]["passed"]
    assert {one["validator"]: one["fix"] for one in rows["bent"]["findings"]} == {
        "personal_data": "[e-mail address removed]",
        "numerals": f"{answer['facts'][0]['value']:.2f} USD",
    }
    assert "line 1, 9–24, personal_data: 'ann@example.org'" in text


@pytest.mark.parametrize(
    ("words", "error", "match"),
    [
        (("runs", "--as", "customer"), Forbidden, "may not read the runs"),
        (("runs", "--since", "yesterday"), InputError, "no day such as"),
        (("runs", "--most", "0"), InputError, "not between 1 and 200"),
        (("check", "none.txt"), InputError, "cannot be read"),
        (("check", "none.txt", "--with", "mood"), InputError, "validator 'mood'"),
    ],
)
async def test_what_cannot_be_scanned_is_said_so(scanned, tmp_path, words, error, match):
    with pytest.raises(error, match=match):
        await guard(seat_of(scanned, tmp_path, *words))


async def test_a_file_and_stdin_are_checked_by_the_real_scanner(scanned, tmp_path):
    """One process with the library for a letter; an answer's file is read as an answer."""
    (tmp_path / "letter.txt").write_text("Dear Ann,\ncall +44 20 7946 0958.")
    exit, found, _ = await told(scanned, tmp_path, "check", "letter.txt", "--with", "personal_data,advice")
    assert (exit, found["ok"], found["answer"]) == (1, False, False)
    assert found["validators"] == ["personal_data", "advice"]
    (one,) = found["findings"]
    assert (one["validator"], one["line"], one["text"]) == ("personal_data", 2, "+44 20 7946 0958")
    assert found["library"].startswith("guardrails-ai")


async def test_the_beat_begins_a_scan_and_waits_for_none(scanned, tmp_path):
    answer = await ask(scanned)
    seat = Seat(scanned, Namespace(command="work", verb="scan", about=""), "me", tmp_path)
    assert (await work(seat)).exit == 0
    for _ in range(400):
        if scanned.scans.of(answer["run"]):
            break
        await asyncio.sleep(0.02)
    found = scanned.scans.of(answer["run"])
    assert found is not None
    assert found.passed
