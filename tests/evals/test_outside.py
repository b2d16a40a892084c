"""promptfoo and inspect drive a real `tenor up` over the shipped cases and come to our own verdicts."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import islice

import pytest

from desk.errors import InputError
from evals.dataset import Case
from evals.outside import grade_outside, load_outside
from evals.suites.smoke import FILE
from tests.api.running import Up, tenor
from tests.evals.outside_tools import TOP, environment, find_inspect, find_promptfoo

PLANTED = Case(id="planted", input="What is Microsoft trading at?", target={"facts": [-1]})
CASES = 8
QUIET = ("--no-cache", "--no-table", "--no-progress-bar", "-j", "2")


@pytest.fixture(scope="module")
def up(tmp_path_factory):
    """A desk of this module's own."""
    desk = Up(tmp_path_factory.mktemp("outside") / "home")
    yield desk
    desk.stop()


@pytest.fixture(scope="module")
def door(up) -> dict[str, str]:
    """What every OpenAI client reads."""
    made = tenor(up.home, "keys", "create", "--scope", "chat,propose", "--as", "analyst")
    return {"OPENAI_BASE_URL": f"{up.address}v1", "OPENAI_API_KEY": str(made.json["secret"])}


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """The analyst's first shipped cases, and one that must fail."""
    with FILE.open() as lines:
        own = [line for line in lines if json.loads(line).get("user", "analyst") == "analyst"]
    path = tmp_path_factory.mktemp("cases") / "cases.jsonl"
    path.write_text("".join(islice(own, CASES)) + PLANTED.model_dump_json() + "\n")
    return path


def test_promptfoo_comes_to_our_verdicts(door, file, tmp_path):
    command, out = find_promptfoo(), tmp_path / "out.json"
    config = TOP / "evals" / "promptfoo" / "promptfooconfig.yaml"
    given = {
        "TENOR_CASES": str(file),
        "PROMPTFOO_CONFIG_DIR": str(tmp_path / "kept"),
        "PROMPTFOO_PYTHON": sys.executable,
    }
    done = subprocess.run(
        [*command, "eval", "-c", str(config), "-o", str(out), *QUIET],
        capture_output=True, text=True, timeout=150, env=environment(**door, **given), cwd=tmp_path, check=False,
    )  # fmt: skip
    assert out.exists(), done.stderr[-3000:] + done.stdout[-3000:]
    results = json.loads(out.read_text())["results"]["results"]
    verdicts = {each["testCase"]["description"]: each["success"] for each in results}
    assert len(verdicts) == CASES + 1
    assert [id for id, passed in verdicts.items() if not passed] == ["planted"]
    (planted,) = (each for each in results if not each["success"])
    assert "no fact has the value -1" in planted["gradingResult"]["reason"]
    assert done.returncode == 100  # promptfoo's own word for failed cases


def test_inspect_comes_to_our_verdicts(door, file, tmp_path):
    python = find_inspect()
    command = [
        str(python),
        "-m",
        "inspect_ai",
        "eval",
        f"{TOP}/evals/inspect_tasks.py@smoke",
        "--model",
        "openai/tenor",
    ]
    options = ["-M", "responses_api=false", "-T", f"cases={file}", "--log-dir", str(tmp_path), "--log-format", "json"]
    done = subprocess.run(
        [*command, *options, "--display", "plain"],
        capture_output=True, text=True, timeout=150, env=environment(**door, PYTHONPATH=str(TOP)), check=False,
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-3000:]
    (log,) = tmp_path.glob("*.json")
    read = json.loads(log.read_text())
    assert read["status"] == "success"
    scores = {sample["id"]: next(iter(sample["scores"].values())) for sample in read["samples"]}
    assert len(scores) == CASES + 1
    assert [id for id, score in scores.items() if score["value"] != "C"] == ["planted"]
    assert "no fact has the value -1" in scores["planted"]["explanation"]


@pytest.mark.parametrize(
    ("suite", "record", "target", "fault"),
    [
        ("routing", {"agents": ["risk", "fraud"]}, ["risk"], ""),
        ("routing", {"agents": ["fraud"]}, ["risk", "sentiment"], "led by fraud, not risk or sentiment"),
        ("knowledge", {"citations": [{"filing": "knowledge:day-order@3"}]}, ["day-order"], ""),
        ("knowledge", {"citations": [{"filing": "aapl-10k"}]}, ["day-order"], "cited no entry, not day-order"),
        ("knowledge", {"citations": []}, [], ""),
        ("smoke", {"agents": ["risk"]}, {"agents": ["risk"], "says": ["hello"]}, ""),
        ("smoke", {"agents": ["risk"]}, {"says": ["bye"]}, "does not say 'bye'"),
    ],
)
def test_one_answer_at_the_door_decides_a_case(suite, record, target, fault):
    assert grade_outside(suite, "Hello.", record, json.dumps(target)) == fault


def test_the_cases_are_those_of_the_suites():
    assert len(load_outside("routing")) == 170
    traders = load_outside("smoke", user="trader")
    assert {case.user for case in traders if isinstance(case, Case)} == {"trader"}
    with pytest.raises(InputError, match="suite 'books' cannot be asked from outside"):
        load_outside("books")
