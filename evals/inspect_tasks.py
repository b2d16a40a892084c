"""Tenor's suites as inspect tasks, through its OpenAI-compatible door; needs `inspect-ai` and `openai`.

`inspect eval evals/inspect_tasks.py@smoke --model openai/tenor -M responses_api=false`, with this folder's parent on
PYTHONPATH. `-T user=trader` takes the cases of one person (whose key it must be), `-T cases=FILE` another file.
"""

from __future__ import annotations

import json
from pathlib import Path

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.event import ModelEvent
from inspect_ai.log import transcript
from inspect_ai.scorer import CORRECT, INCORRECT, Score, Scorer, Target, accuracy, scorer, stderr
from inspect_ai.solver import TaskState, generate

from evals.outside import grade_outside, load_outside


@task
def smoke(user: str = "analyst", cases: str = "") -> Task:
    """One case per promise."""
    return _task("smoke", user, cases)


@task
def routing(cases: str = "") -> Task:
    """Whether the leading agent can answer."""
    return _task("routing", "", cases)


@task
def knowledge(cases: str = "") -> Task:
    """Whether the entry that answers is cited; run it with a customer's key."""
    return _task("knowledge", "", cases)


def _task(suite: str, user: str, cases: str) -> Task:
    samples = [
        Sample(id=case.id, input=case.input, target=json.dumps(case.target), metadata=dict(case.metadata))
        for case in load_outside(suite, Path(cases) if cases else None, user)
    ]
    return Task(name=suite, dataset=MemoryDataset(samples), solver=generate(), scorer=_graded(suite))


@scorer(metrics=[accuracy(), stderr()])
def _graded(suite: str) -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        """The graders of `tenor evals run`, over the desk's own record of the answer."""
        calls = [event.call for event in transcript().events if isinstance(event, ModelEvent)]
        response = calls[-1].response if calls and calls[-1] else None
        if not response or "tenor" not in response:
            return Score(value=INCORRECT, explanation="the model is not Tenor: its answer has no record")
        reason = grade_outside(suite, state.output.completion, response["tenor"], target.text)
        return Score(value=INCORRECT if reason else CORRECT, answer=state.output.completion, explanation=reason or None)

    return score
