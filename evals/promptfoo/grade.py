"""The assertion of every promptfoo test: the graders of `tenor evals run`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from evals.outside import grade_outside


def get_assert(output: object, context: dict[str, dict[str, str]]) -> dict[str, object]:
    """Promptfoo's verdict of one answer of the door."""
    answer = json.loads(output) if isinstance(output, str) else output
    if not isinstance(answer, dict) or "choices" not in answer:
        return {"pass": False, "score": 0, "reason": f"the door gave no answer: {str(answer)[:300]}"}
    asked = context["vars"]
    reason = grade_outside(asked["suite"], answer["choices"][0]["message"]["content"], answer["tenor"], asked["target"])
    return {"pass": not reason, "score": float(not reason), "reason": reason or "right"}
