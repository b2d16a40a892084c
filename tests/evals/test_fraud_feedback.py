"""The suite over thresholds that follow verdicts, on small worlds."""

from __future__ import annotations

import json

import pytest

from desk.errors import InputError
from desk.settings import Settings
from evals.run import find_suite, run_suite

SMALL = {"accounts": 2_500, "per_typology": 5}


def desks(folder, *rows):
    file = folder / "desks.jsonl"
    file.write_text("\n".join(json.dumps({"id": f"d{n}", **SMALL, **row}) for n, row in enumerate(rows)))
    return file


async def test_a_loose_desk_takes_steps_and_is_more_precise_for_it(tmp_path):
    loose = {"start": 0.65, "judged": [1, 2, 3], "measured": [5, 6]}
    result = await run_suite("fraud_feedback", Settings(), desks(tmp_path, loose))
    (case,) = result.cases_detail
    assert case.notes["steps"]
    assert set(result.metrics) == {*find_suite("fraud_feedback").metrics}
    before, after = result.metrics["precision_before"], result.metrics["precision_after"]
    assert before is not None
    assert after is not None
    assert after > before


async def test_nothing_is_measured_where_it_was_taught(tmp_path):
    file = desks(tmp_path, {"judged": [1], "measured": [1]})
    with pytest.raises(InputError, match="must not be measured in a world where it was judged"):
        await run_suite("fraud_feedback", Settings(), file)
