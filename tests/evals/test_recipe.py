"""The recipe of docs/evals.md, followed to the letter: its cases, its command, its words for a wrong line."""

from __future__ import annotations

import json
import re
from pathlib import Path

from api.commands.dispatch import execute
from evals.costly import COSTLY
from evals.graders import GRADERS
from evals.run import suites

PAGE = (Path(__file__).parents[2] / "docs" / "evals.md").read_text(encoding="utf-8")


async def test_a_stranger_who_follows_the_page_has_running_cases(runtime, tmp_path):
    block = re.search(r"```json\n(.+?)```", PAGE, re.DOTALL)
    assert block
    lines = [line.strip() for line in block[1].splitlines() if line.strip()]
    mine = tmp_path / "mine.jsonl"
    mine.write_text("\n".join(lines) + "\n")
    (words,) = re.findall(r"`tenor (evals run smoke --data mine\.jsonl)`", PAGE)
    done = await execute(runtime, words.split(), str(tmp_path), "stranger")
    assert done.error is None
    assert done.text.count("ok   ") == len(lines) == 3
    assert f"{len(lines)} of {len(lines)} passed" in done.text
    wrong = json.loads(lines[1]) | {"target": {"mood": "good"}}
    mine.write_text("\n".join([lines[0], json.dumps(wrong), lines[2]]))
    refused = await execute(runtime, words.split(), str(tmp_path), "stranger")
    said = re.search(r"`(mine\.jsonl line 2 .+?agents, facts, )…`", PAGE, re.DOTALL)
    assert said
    assert refused.exit == 1
    assert said[1] in str(refused.error)


def test_the_page_names_every_target_and_every_costly_error():
    assert re.findall(r"^\| `(\w+): ", PAGE, re.MULTILINE) == list(GRADERS)
    for name in suites():
        if name in COSTLY:
            assert COSTLY[name].metric in PAGE.replace("\n", " ")
